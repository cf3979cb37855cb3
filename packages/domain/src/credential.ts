import { type AccountId, bytesOf, type DeviceId, parseAccountBytes, parseDeviceBytes } from './id.ts'

/** Who a leaf is: the device, its account, and the log position of the entry that added it (C3). */
export interface Credential {
  readonly account: AccountId
  readonly device: DeviceId
  readonly position: bigint
}

/** 56 bytes: account 32 ‖ device 16 ‖ position 8, big endian. */
export function encodeCredential(credential: Credential): Uint8Array {
  const bytes = new Uint8Array(56)
  bytes.set(bytesOf(credential.account))
  bytes.set(bytesOf(credential.device), 32)
  new DataView(bytes.buffer).setBigUint64(48, credential.position)
  return bytes
}

/** Undefined when the bytes are not exactly one credential. */
export function parseCredential(bytes: Uint8Array): Credential | undefined {
  if (bytes.length !== 56) return undefined
  const account = parseAccountBytes(bytes.subarray(0, 32))
  const device = parseDeviceBytes(bytes.subarray(32, 48))
  if (account === undefined || device === undefined) return undefined
  const position = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(48)
  return { account, device, position }
}
