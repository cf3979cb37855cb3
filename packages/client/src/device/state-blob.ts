import { bytesOfHex, hexOf, parseAccountId, parseDeviceId, parseDeviceKind } from '@quintet/domain'
import type { AccountState, DeviceRecord, RecoveryIdentity } from '@quintet/identity'

/** Counts the shapes of a stored state; another one is replayed from the log instead of being read. */
const shape = 2

/**
 * A replayed log as bytes for this profile's own database, so that a start need not verify every signature anew.
 * It is a cache of what the stored entries say: never sent, never taken from anybody.
 */
export function encodeState(state: AccountState): Uint8Array {
  const devices = [...state.devices.values()].map((record) => [
    record.device,
    record.kind,
    hexOf(record.logKey),
    hexOf(record.mlsKey),
    hexOf(record.authKey),
    hexOf(record.sealKey),
    Number(record.addedAt),
    record.addedAtMs,
    record.addedBy,
    record.manage,
    record.manageClaim,
    record.removedAt === undefined ? -1 : Number(record.removedAt),
    record.removedAtMs ?? -1,
  ])
  const { account, head, headAtMs, main, recovery, closed } = state
  const kit = recovery === undefined ? [] : [hexOf(recovery.signKey), hexOf(recovery.sealKey)]
  return new TextEncoder().encode(
    JSON.stringify([
      shape,
      account,
      Number(head.position),
      hexOf(head.hash),
      headAtMs,
      main ?? '',
      kit,
      closed,
      devices,
    ]),
  )
}

/** Undefined for anything that `encodeState` of this version does not write. */
export function decodeState(bytes: Uint8Array): AccountState | undefined {
  const fields = parseJson(bytes)
  if (!Array.isArray(fields) || fields.length !== 9 || fields[0] !== shape) return undefined
  const [, account, position, hash, headAtMs, main, kit, closed, rows] = fields
  const id = typeof account === 'string' ? parseAccountId(account) : undefined
  const head = parseKey(hash)
  if (id === undefined || head === undefined || !isCount(position) || !isCount(headAtMs) || typeof closed !== 'boolean')
    return undefined
  if (typeof main !== 'string' || !Array.isArray(kit) || !Array.isArray(rows)) return undefined
  const records = rows.map(parseRecord)
  const devices = new Map(records.flatMap((record) => (record === undefined ? [] : [[record.device, record] as const])))
  const recovery = parseKit(kit)
  if (devices.size !== rows.length || recovery === 'broken') return undefined
  return {
    account: id,
    head: { position: BigInt(position), hash: head },
    headAtMs,
    devices,
    main: parseDeviceId(main),
    recovery,
    closed,
  }
}

function parseRecord(row: unknown): DeviceRecord | undefined {
  if (!Array.isArray(row) || row.length !== 13) return undefined
  const [id, kindName, log, mls, auth, seal, addedAt, addedAtMs, by, manage, manageClaim, removedAt, removedAtMs] = row
  const device = typeof id === 'string' ? parseDeviceId(id) : undefined
  const kind = typeof kindName === 'string' ? parseDeviceKind(kindName) : undefined
  const addedBy = by === 'genesis' || by === 'recovery' ? by : typeof by === 'string' ? parseDeviceId(by) : undefined
  const [logKey, mlsKey, authKey, sealKey] = [log, mls, auth, seal].map(parseKey)
  if (device === undefined || kind === undefined || addedBy === undefined || !isCount(addedAt) || !isCount(addedAtMs))
    return undefined
  if (logKey === undefined || mlsKey === undefined || authKey === undefined || sealKey === undefined) return undefined
  if (typeof manage !== 'boolean' || typeof manageClaim !== 'boolean' || typeof removedAt !== 'number') return undefined
  if (typeof removedAtMs !== 'number') return undefined
  const keys = { logKey, mlsKey, authKey, sealKey }
  const added = { addedAt: BigInt(addedAt), addedAtMs, addedBy }
  return {
    device,
    kind,
    ...keys,
    ...added,
    manage,
    manageClaim,
    removedAt: removedAt < 0 ? undefined : BigInt(removedAt),
    removedAtMs: removedAtMs < 0 ? undefined : removedAtMs,
  }
}

function parseKit(kit: readonly unknown[]): RecoveryIdentity | undefined | 'broken' {
  if (kit.length === 0) return undefined
  const [signKey, sealKey] = kit.map(parseKey)
  return signKey === undefined || sealKey === undefined ? 'broken' : { signKey, sealKey }
}

function parseKey(hex: unknown): Uint8Array | undefined {
  return typeof hex === 'string' && /^([0-9a-f]{2})*$/.test(hex) ? bytesOfHex(hex) : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
