import { concatBytes } from '@quintet/domain'

/** Writes the TLS presentation language, for messages that only look like MLS. */
export const u8 = (value: number): Uint8Array => Uint8Array.of(value)
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255)

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}

export function opaque(...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...parts)
  if (body.length < 0x40) return concatBytes(u8(body.length), body)
  if (body.length < 0x4000) return concatBytes(u16(0x4000 | body.length), body)
  return concatBytes(u32(0x80000000 + body.length), body)
}
