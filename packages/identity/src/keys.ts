import { bytesOf, type DeviceKind, parseDeviceBytes } from '@quintet/domain'
import { DeviceKind as Kind, type DeviceKeys, type RecoveryKeys } from '@quintet/wire'
import type { DeviceIdentity, RecoveryIdentity } from './account-state.ts'

const kinds: Readonly<Record<DeviceKind, Kind>> = {
  phone: Kind.PHONE,
  web: Kind.WEB,
  desktop: Kind.DESKTOP,
  display: Kind.DISPLAY,
  tablet: Kind.TABLET,
}
const kindOf = new Map(Object.entries(kinds).map(([name, number]) => [number, name]))
const named = new Set<string>(Object.keys(kinds))
const isKind = (name: string | undefined): name is DeviceKind => name !== undefined && named.has(name)

/** X-Wing public key: bytes. */
export const sealKeyBytes = 1216

/** From the wire; undefined when a key's length, the id or the kind is wrong. */
export function parseDeviceKeys(keys: DeviceKeys | undefined): DeviceIdentity | undefined {
  if (keys === undefined || keys.$unknown !== undefined) return undefined
  const device = parseDeviceBytes(keys.device)
  const kind = kindOf.get(keys.kind)
  const signing = [keys.logKey, keys.mlsKey, keys.authKey]
  if (device === undefined || !isKind(kind) || signing.some((key) => key.length !== 32)) return undefined
  if (keys.sealKey.length !== sealKeyBytes) return undefined
  return { device, kind, logKey: keys.logKey, mlsKey: keys.mlsKey, authKey: keys.authKey, sealKey: keys.sealKey }
}

/** For the wire: the fields of a `DeviceKeys` message. */
export function deviceKeysOf(identity: DeviceIdentity) {
  const { device, kind, logKey, mlsKey, authKey, sealKey } = identity
  return { device: bytesOf(device), kind: kinds[kind], logKey, mlsKey, authKey, sealKey }
}

/** From the wire; undefined when a key's length is wrong. */
export function parseRecoveryKeys(keys: RecoveryKeys): RecoveryIdentity | undefined {
  const shape = keys.$unknown === undefined && keys.signKey.length === 32 && keys.sealKey.length === sealKeyBytes
  return shape ? { signKey: keys.signKey, sealKey: keys.sealKey } : undefined
}
