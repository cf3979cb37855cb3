import { type DeviceId, kitProtectionMs, probationMs } from '@quintet/domain'
import type { AccountState, DeviceRecord, LogFaultKind } from './account-state.ts'
import type { LogOperation, LogSigner } from './operation.ts'

/**
 * Whether the signer may do it (D6-D8, D15); undefined = yes.
 *
 * Assumes that a signing device is active and that its signature is checked.
 */
export function denied(
  state: AccountState,
  signer: LogSigner,
  op: LogOperation,
  atMs: number,
): LogFaultKind | undefined {
  if (signer === 'recovery') return deniedToKit(op)
  if (op.kind === 'claim') return deniedClaim(state, signer, op.device, atMs)
  if (op.kind === 'remove' && op.device === signer) return undefined
  const record = state.devices.get(signer)
  if (record?.manage !== true) return record?.manageClaim === true ? 'on-probation' : 'not-entitled'
  return deniedToManager(state, signer, op, atMs)
}

/** D8: it adds, removes, makes main, replaces itself, closes (D15), and nothing else. */
function deniedToKit(op: LogOperation): LogFaultKind | undefined {
  switch (op.kind) {
    case 'add':
    case 'remove':
    case 'make-main':
    case 'set-recovery':
    case 'close':
      return undefined
    case 'claim':
    case 'set-rights':
      return 'not-entitled'
  }
}

function deniedClaim(state: AccountState, signer: DeviceId, device: DeviceId, atMs: number): LogFaultKind | undefined {
  const record = state.devices.get(signer)
  if (record === undefined || device !== signer || !record.manageClaim || record.manage) return 'not-entitled'
  return atMs < record.addedAtMs + probationMs ? 'too-early' : undefined
}

/** D7, and D8's protection of what the kit added. */
function deniedToManager(
  state: AccountState,
  signer: DeviceId,
  op: LogOperation,
  atMs: number,
): LogFaultKind | undefined {
  switch (op.kind) {
    case 'remove':
      return isProtected(state.devices.get(op.device), atMs) ? 'kit-protected' : undefined
    case 'set-rights':
      // To take `manage` from the device would undo what the kit did as surely as to remove it.
      return !op.manage && op.device !== signer && isProtected(state.devices.get(op.device), atMs)
        ? 'kit-protected'
        : undefined
    case 'set-recovery':
      return state.recovery !== undefined || op.recovery === undefined ? 'not-entitled' : undefined
    case 'add':
    case 'claim':
    case 'make-main':
    case 'close':
      return undefined
  }
}

function isProtected(record: DeviceRecord | undefined, atMs: number): boolean {
  return record?.addedBy === 'recovery' && atMs < record.addedAtMs + kitProtectionMs
}
