import { type DeviceId, probationMs } from '@quintet/domain'
import type { AccountState, DeviceRecord } from './account-state.ts'

/** The devices that the log lists, in the order in which they were added. None once the account is closed. */
export function activeDevices(state: AccountState): readonly DeviceRecord[] {
  if (state.closed) return []
  return [...state.devices.values()].filter((record) => record.removedAt === undefined)
}

/** The device, if it is active. */
export function activeDevice(state: AccountState, device: DeviceId): DeviceRecord | undefined {
  const record = state.devices.get(device)
  return record === undefined || record.removedAt !== undefined || state.closed ? undefined : record
}

/**
 * The device, if it was active at that time, by the log's own times: what it did then stands, whatever came later.
 * Whoever reads an old entry long after must not hold a later removal against it.
 */
export function deviceActiveAt(state: AccountState, device: DeviceId, atMs: number): DeviceRecord | undefined {
  const record = state.devices.get(device)
  if (record === undefined || (record.removedAtMs !== undefined && record.removedAtMs < atMs)) return undefined
  return state.closed && state.headAtMs < atMs ? undefined : record
}

/** The device that was added at that log position, removed or not (C3 names a device by it). */
export function deviceAt(state: AccountState, position: bigint): DeviceRecord | undefined {
  return [...state.devices.values()].find((record) => record.addedAt === position)
}

/** Until when the device waits for its claim (ms); undefined when it has, or will have, nothing to claim (D6). */
export function probationUntil(record: DeviceRecord): number | undefined {
  const waits = record.manageClaim && !record.manage && record.removedAt === undefined
  return waits ? record.addedAtMs + probationMs : undefined
}

/** True when the device's claim would be accepted now. */
export function mayClaim(record: DeviceRecord, nowMs: number): boolean {
  const until = probationUntil(record)
  return until !== undefined && nowMs >= until
}

/** True when the device may add and remove devices and give rights (D7). A claim that is due has still to be posted. */
export function mayManage(state: AccountState, device: DeviceId): boolean {
  return activeDevice(state, device)?.manage === true
}
