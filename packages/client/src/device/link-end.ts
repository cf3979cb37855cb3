import type { LinkEnd } from '@quintet/crypto'
import { ClientError } from '../error.ts'

/** Why a linking ended without a device, to the person on this side. */
export function linkEndError(reason: LinkEnd, by: 'this-side' | 'other-side'): ClientError {
  switch (reason) {
    case 'refused':
      return by === 'this-side'
        ? new ClientError('words-mismatch', 'You said that the words differ. Nothing was linked.')
        : new ClientError('refused-by-other-side', 'The other device refused. Nothing was linked.')
    case 'words':
      return new ClientError(
        'words-mismatch',
        'Those are not the words that the new device shows. Nothing was linked; start again on the new device.',
      )
    case 'expired':
      return overError()
    case 'full':
      return new ClientError(
        'account-full',
        'The account has all the devices that it can have. Unlink one to make room, then start again.',
      )
    case 'fault':
      return new ClientError(
        'offer-invalid',
        'Something between the two devices interfered, or one of them changed meanwhile. Nothing was linked; start again on the new device.',
      )
  }
}

/** The two minutes are over, or the offer was taken already. */
export function overError(): ClientError {
  return new ClientError(
    'offer-invalid',
    'This offer is wrong, used or older than two minutes. Start again on the new device.',
  )
}
