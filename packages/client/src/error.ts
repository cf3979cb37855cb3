import type { DeviceId } from '@quintet/domain'

/** The codes of docs/cli.md: scripts and apps rely on them. */
export type ClientErrorCode =
  | 'handle-taken'
  | 'handle-invalid'
  | 'unknown-handle'
  | 'unknown-chat'
  | 'unknown-message'
  | 'unknown-device'
  | 'not-allowed'
  | 'offer-invalid'
  | 'words-mismatch'
  | 'refused-by-other-side'
  | 'account-full'
  | 'recovery-wrong'
  | 'unlinked'
  | 'account-closed'
  | 'profile-in-use'
  | 'profile-empty'
  | 'profile-exists'
  | 'profile-newer'
  | 'offline'
  | 'relay-incompatible'
  | 'rate-limited'
  | 'too-large'
  | 'disk-full'
  | 'damaged'
  | 'invite-needed'
  | 'suspended'
  | 'other-relay' // the profile belongs to another relay than the one named
  | 'profile-unwritable' // its folder or files cannot be opened or written
  | 'held' // a chat in which nothing can be sent now; the message says why and what helps

export interface ReplaceableDevice {
  readonly device: DeviceId
  readonly name: string
  readonly lastSeen: string | undefined
}

export interface ErrorDetails {
  readonly retryAfterS?: number
  readonly devices?: readonly ReplaceableDevice[]
  readonly queued?: boolean
}

/** An expected failure: a stable code and a sentence that says what to do next. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  readonly details: ErrorDetails
  constructor(code: ClientErrorCode, sentence: string, details: ErrorDetails = {}) {
    super(sentence)
    this.code = code
    this.details = details
  }
}
