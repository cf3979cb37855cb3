import type { LogFaultKind } from '@quintet/identity'
import { ClientError } from '../error.ts'

/** Why an entry of one's own is refused, to a person. */
export function logFaultError(kind: LogFaultKind, signer: 'device' | 'kit'): ClientError {
  switch (kind) {
    case 'not-entitled':
      return signer === 'kit'
        ? new ClientError('not-allowed', 'The recovery kit cannot do that. Use one of your devices.')
        : new ClientError(
            'not-allowed',
            'This device may not manage your devices. Use one that can, or your recovery kit.',
          )
    case 'on-probation':
    case 'too-early':
      return new ClientError(
        'not-allowed',
        'This device is new: it can manage your devices a day after it was linked, if you gave it that right.',
      )
    case 'kit-protected':
      return new ClientError(
        'not-allowed',
        'The recovery kit added that device less than three days ago. Until then only the kit can remove it.',
      )
    case 'unknown-device':
      return new ClientError('unknown-device', 'Your account has no such device.')
    case 'unknown-signer':
    case 'bad-signature':
    case 'signer-removed':
      return signer === 'kit' ? wrongKitError() : unlinkedError()
    case 'closed':
      return new ClientError('account-closed', 'This account has been deleted.')
    case 'too-many-devices':
      return new ClientError(
        'account-full',
        'Your account has all the devices that it can have. Unlink one to make room.',
      )
    case 'time-backwards':
      return new ClientError(
        'not-allowed',
        'The clocks of this device and of the relay are too far apart. Set the clock and try again.',
      )
    case 'malformed':
    case 'wrong-account':
    case 'wrong-position':
    case 'wrong-previous':
    case 'bad-countersignature':
    case 'key-reused':
    case 'device-reused':
    case 'unknown-operation':
      return new ClientError('not-allowed', 'The relay refused this change to your devices. Nothing was changed.')
  }
}

/** The words are a kit's, but not this account's. */
export function wrongKitError(): ClientError {
  return new ClientError('recovery-wrong', 'These twelve words do not belong to this account. Nothing was changed.')
}

/** This device is off its account's log. */
export function unlinkedError(): ClientError {
  return new ClientError(
    'unlinked',
    'This device is no longer part of the account. What it kept is still here; signing out erases it.',
  )
}
