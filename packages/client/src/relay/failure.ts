import { MlsError, type MlsErrorCode } from '@quintet/crypto'
import { type Failure, FailureCode } from '@quintet/wire'
import { ClientError } from '../error.ts'
import { DatabaseError } from '../ports.ts'
import { ConnectionLost, RelayFailure } from './link.ts'

/** What a relay's refusal means to a person: a stable code and a sentence. Never the relay's own words. */
export function clientErrorOfFailure(failure: Pick<Failure, 'code' | 'retryAfterMs'>): ClientError {
  switch (failure.code) {
    case FailureCode.RATE_LIMITED: {
      const retryAfterS = Math.max(1, Math.ceil(Number(failure.retryAfterMs) / 1000))
      return new ClientError(
        'rate-limited',
        `That was too much at once for this relay. Try again in ${waitOf(retryAfterS)}.`,
        { retryAfterS },
      )
    }
    case FailureCode.STALE:
    case FailureCode.CONFLICT:
    case FailureCode.GAP:
    case FailureCode.CHAT_EXISTS:
      return new ClientError('rate-limited', 'Another device changed this at the same moment. Try again.', {
        retryAfterS: 1,
      })
    case FailureCode.TOO_LARGE:
      return new ClientError('too-large', 'That is larger than this relay takes.')
    case FailureCode.HANDLE_TAKEN:
      return new ClientError('handle-taken', 'Somebody else has this handle. Choose another one.')
    case FailureCode.HANDLE_INVALID:
      return new ClientError(
        'handle-invalid',
        'A handle has 2 to 32 of the characters a-z, 0-9, dot, dash and underscore, and begins with a letter.',
      )
    case FailureCode.UNKNOWN_HANDLE:
    case FailureCode.UNKNOWN_ACCOUNT:
      return new ClientError('unknown-handle', 'Nobody on this relay has that handle.')
    case FailureCode.UNKNOWN_CHAT:
      return new ClientError('unknown-chat', 'There is no such chat on this relay.')
    case FailureCode.ACCOUNT_FULL:
      return new ClientError(
        'account-full',
        'Your account has all the devices that it can have. Unlink one to make room.',
      )
    case FailureCode.OFFER_INVALID:
      return new ClientError(
        'offer-invalid',
        'This offer is wrong, used or older than two minutes. Start again on the new device.',
      )
    case FailureCode.UNLINKED:
      return new ClientError(
        'unlinked',
        'This device is no longer part of the account. What it kept is still here; signing out erases it.',
      )
    case FailureCode.ACCOUNT_CLOSED:
      return new ClientError('account-closed', 'This account has been deleted.')
    case FailureCode.SIGN_UP_CLOSED:
      return new ClientError('not-allowed', 'This relay takes no new accounts. Ask whoever runs it.')
    case FailureCode.INVITE_INVALID:
      return new ClientError(
        'invite-needed',
        'This relay asks for an invite that is still good. Ask whoever runs it for one.',
      )
    case FailureCode.SUSPENDED:
      return new ClientError('suspended', 'The owner of this relay has suspended the account. Ask whoever runs it.')
    case FailureCode.INCOMPATIBLE:
    case FailureCode.MALFORMED:
    case FailureCode.UNSPECIFIED:
      return incompatibleError()
    case FailureCode.UNAVAILABLE:
      return new ClientError(
        'offline',
        'The relay cannot write just now. What you did waits here and goes out when it can.',
      )
    case FailureCode.FULL:
      return new ClientError(
        'disk-full',
        "The relay's disk is full. Whoever runs it has to make room; nothing that it took is lost.",
      )
    case FailureCode.UNAUTHENTICATED:
    case FailureCode.NOT_ALLOWED:
    case FailureCode.LOG_FAULT:
      return new ClientError('not-allowed', 'This device may not do that.')
    case FailureCode.NONE:
      return new ClientError('not-allowed', 'The relay has nothing of that kind for this device.')
  }
  // A code from a later relay: proto3 enums are open.
  return incompatibleError()
}

/** The ClientError that `error` is or means; anything that is no expected failure is thrown on. */
export function clientErrorOf(error: unknown): ClientError {
  if (error instanceof ClientError) return error
  if (error instanceof RelayFailure) return clientErrorOfFailure(error.failure)
  if (error instanceof ConnectionLost) return offlineError()
  if (error instanceof DatabaseError && error.kind === 'full')
    return new ClientError('disk-full', 'The disk of this device is full. Make room and try again; nothing was lost.')
  if (error instanceof DatabaseError && error.kind === 'unwritable')
    return new ClientError(
      'profile-unwritable',
      'The disk of this device cannot be read or written. Look after it and start again; nothing that was confirmed is lost.',
    )
  if (error instanceof DatabaseError && error.kind === 'damaged') return damagedError()
  if (error instanceof MlsError && lostStates.has(error.code)) return damagedError()
  throw error
}

/** The engine has no state to go on with, and nothing that enters a chat anew helped. */
const lostStates: ReadonlySet<MlsErrorCode> = new Set<MlsErrorCode>(['state-damaged', 'unknown-group', 'engine'])

function damagedError(): ClientError {
  return new ClientError(
    'damaged',
    'What this device stored is damaged. Sign out here and link it again; your other devices have everything.',
  )
}

/** The relay, or what answers in its place, speaks another protocol. */
export function incompatibleError(): ClientError {
  return new ClientError(
    'relay-incompatible',
    'This app and the relay do not understand each other. Update whichever of the two is older.',
  )
}

/** The relay cannot be reached. */
export function offlineError(): ClientError {
  return new ClientError('offline', 'The relay cannot be reached. Try again when it can.')
}

/** True when the relay answered with this code. */
export function isFailure(error: unknown, code: FailureCode): error is RelayFailure {
  return error instanceof RelayFailure && error.failure.code === code
}

function waitOf(seconds: number): string {
  if (seconds < 100) return `${seconds} s`
  if (seconds < 6000) return `${Math.ceil(seconds / 60)} minutes`
  return `${Math.ceil(seconds / 3600)} hours`
}
