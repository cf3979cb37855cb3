import { type DeviceId, sameBytes } from '@quintet/domain'
import type { AccountState, DeviceIdentity, DeviceRecord, LogFaultKind, RecoveryIdentity } from './account-state.ts'
import type { LogOperation, LogSigner } from './operation.ts'

/** What an entitled operation changes; the head is set by the caller. */
type Change = Pick<AccountState, 'devices' | 'main' | 'recovery' | 'closed'>

export interface OperationContext {
  readonly signer: LogSigner
  readonly position: bigint
  readonly atMs: number
  readonly maxDevices: number
}

/** Carries out an operation whose signer may do it, or says why it makes no sense here. */
export function applyOperation(
  state: AccountState,
  op: LogOperation,
  context: OperationContext,
): Change | LogFaultKind {
  const same: Change = { devices: state.devices, main: state.main, recovery: state.recovery, closed: false }
  switch (op.kind) {
    case 'add':
      return addDevice(state, op.identity, op.manageClaim, context)
    case 'claim':
      return changeDevice(same, op.device, { manage: true, manageClaim: false })
    case 'remove': {
      const removed = changeDevice(same, op.device, { removedAt: context.position, removedAtMs: context.atMs })
      if (typeof removed === 'string') return removed
      return { ...removed, main: state.main === op.device ? undefined : state.main }
    }
    case 'make-main':
      return isActive(state, op.device) ? { ...same, main: op.device } : 'unknown-device'
    case 'set-rights':
      // Either way nothing is left to claim: whoever lost the right is not to take it back by waiting.
      return changeDevice(same, op.device, { manage: op.manage, manageClaim: false })
    case 'set-recovery':
      return op.recovery && usesListedKey(state, op.recovery) ? 'key-reused' : { ...same, recovery: op.recovery }
    case 'close':
      return { ...same, closed: true }
  }
}

function addDevice(
  state: AccountState,
  identity: DeviceIdentity,
  manageClaim: boolean,
  context: OperationContext,
): Change | LogFaultKind {
  if (state.devices.has(identity.device)) return 'device-reused'
  if (reusesKey(state, identity)) return 'key-reused'
  const byKit = context.signer === 'recovery'
  const active = [...state.devices.values()].filter((record) => record.removedAt === undefined).length
  // A full account is no reason to lock its owner out: the kit may go one beyond, and unlink afterwards.
  if (active >= context.maxDevices + (byKit ? 1 : 0)) return 'too-many-devices'
  const record: DeviceRecord = {
    ...identity,
    addedAt: context.position,
    addedAtMs: context.atMs,
    addedBy: context.signer,
    manage: byKit,
    manageClaim: manageClaim && !byKit,
    removedAt: undefined,
    removedAtMs: undefined,
  }
  const devices = new Map(state.devices).set(identity.device, record)
  return { devices, main: state.main, recovery: state.recovery, closed: false }
}

/** Signing keys are unique among each other and in the whole log (D4), or one device could answer for another. */
function reusesKey(state: AccountState, identity: DeviceIdentity): boolean {
  const known = [...signingKeys(state), ...(state.recovery ? [state.recovery.signKey] : [])]
  return !distinctKeys(identity) || keysOf(identity).some((key) => known.some((other) => sameBytes(key, other)))
}

/** True when the device's three signing keys differ (D4). */
export function distinctKeys(identity: DeviceIdentity): boolean {
  const { logKey, mlsKey, authKey } = identity
  return !sameBytes(logKey, mlsKey) && !sameBytes(mlsKey, authKey) && !sameBytes(logKey, authKey)
}

const keysOf = (identity: DeviceIdentity) => [identity.logKey, identity.mlsKey, identity.authKey]
const signingKeys = (state: AccountState) => [...state.devices.values()].flatMap(keysOf)

function usesListedKey(state: AccountState, recovery: RecoveryIdentity): boolean {
  return signingKeys(state).some((key) => sameBytes(key, recovery.signKey))
}

/** True when a first device and its kit share no key. */
export function kitDiffers(identity: DeviceIdentity, recovery: RecoveryIdentity | undefined): boolean {
  return recovery === undefined || !keysOf(identity).some((key) => sameBytes(key, recovery.signKey))
}

function isActive(state: AccountState, device: DeviceId): boolean {
  const record = state.devices.get(device)
  return record !== undefined && record.removedAt === undefined
}

function changeDevice(
  change: Change,
  device: DeviceId,
  fields: Partial<Pick<DeviceRecord, 'manage' | 'manageClaim' | 'removedAt' | 'removedAtMs'>>,
): Change | LogFaultKind {
  const record = change.devices.get(device)
  if (record === undefined || record.removedAt !== undefined) return 'unknown-device'
  return { ...change, devices: new Map(change.devices).set(device, { ...record, ...fields }) }
}
