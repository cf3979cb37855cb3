import type { DeviceId } from '@quintet/domain'
import type { DeviceIdentity, RecoveryIdentity } from './account-state.ts'

/** What an entry after the genesis can do (D4-D9, D15). */
export type LogOperation =
  | { readonly kind: 'add'; readonly identity: DeviceIdentity; readonly manageClaim: boolean }
  | { readonly kind: 'claim'; readonly device: DeviceId }
  | { readonly kind: 'remove'; readonly device: DeviceId }
  | { readonly kind: 'make-main'; readonly device: DeviceId }
  | { readonly kind: 'set-rights'; readonly device: DeviceId; readonly manage: boolean }
  /** `recovery` undefined = cleared. */
  | { readonly kind: 'set-recovery'; readonly recovery: RecoveryIdentity | undefined }
  | { readonly kind: 'close' }

/** The genesis (D2): it lists the first device, which signs it. */
export interface CreateOperation {
  readonly kind: 'create'
  readonly random: Uint8Array
  readonly identity: DeviceIdentity
  readonly recovery: RecoveryIdentity | undefined
}

/** Who signs an entry: a device by its log key, or the recovery kit. */
export type LogSigner = DeviceId | 'recovery'
