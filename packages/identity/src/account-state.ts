import type { AccountId, DeviceId, DeviceKind } from '@quintet/domain'

/** Where in a log its reader stands. `hash` is the whole 32 bytes of the entry at `position`. */
export interface LogHead {
  readonly position: bigint
  readonly hash: Uint8Array
}

/** What a device enters a log with, public halves only (D4). */
export interface DeviceIdentity {
  readonly device: DeviceId
  readonly kind: DeviceKind
  readonly logKey: Uint8Array
  readonly mlsKey: Uint8Array
  readonly authKey: Uint8Array
  readonly sealKey: Uint8Array
}

/** The public halves of a recovery kit (H7): Ed25519 and X-Wing. */
export interface RecoveryIdentity {
  readonly signKey: Uint8Array
  readonly sealKey: Uint8Array
}

/** One device as the log knows it (D4). */
export interface DeviceRecord extends DeviceIdentity {
  /** Position of the entry that added it: the genesis for the first device. */
  readonly addedAt: bigint
  readonly addedAtMs: number
  /** Who signed that entry. */
  readonly addedBy: DeviceId | 'genesis' | 'recovery'
  readonly manage: boolean
  /** May claim `manage` once 24 h have passed (D6). */
  readonly manageClaim: boolean
  /** Position of its removal; undefined = active. */
  readonly removedAt: bigint | undefined
  /** The time of that entry. */
  readonly removedAtMs: number | undefined
}

/** What a device log says, replayed up to its head. Immutable. */
export interface AccountState {
  readonly account: AccountId
  readonly head: LogHead
  readonly headAtMs: number
  /** Every device ever listed, removed ones too. */
  readonly devices: ReadonlyMap<DeviceId, DeviceRecord>
  readonly main: DeviceId | undefined
  readonly recovery: RecoveryIdentity | undefined
  readonly closed: boolean
}

/** Why an entry does not extend a log. `position` is the entry's. */
export type LogFaultKind =
  | 'malformed'
  | 'wrong-account'
  | 'wrong-position'
  | 'wrong-previous'
  | 'unknown-signer'
  | 'signer-removed'
  | 'not-entitled' // lacks `manage`, or the operation is not for that signer (D6-D8)
  | 'on-probation'
  | 'bad-signature'
  | 'bad-countersignature'
  | 'key-reused'
  | 'device-reused'
  | 'unknown-device'
  | 'kit-protected' // within 72 h of being added by the kit (D8)
  | 'too-early' // a claim before 24 h
  | 'time-backwards'
  | 'closed'
  | 'too-many-devices'
  | 'unknown-operation'

export interface LogFault {
  readonly kind: LogFaultKind
  readonly position: bigint
}
