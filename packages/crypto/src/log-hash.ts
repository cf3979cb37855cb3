import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@quintet/domain'

/** H(0): 32 zero bytes. */
export const firstLogHash: Uint8Array = new Uint8Array(32)

/** H(s) = SHA-256(H(s-1) ‖ s as 8 bytes, big endian ‖ SHA-256(message)) (R6). `message` is the entry's MLS message. */
export function nextLogHash(previous: Uint8Array, seq: number, message: Uint8Array): Uint8Array {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setBigUint64(0, BigInt(seq))
  return sha256(concatBytes(previous, number, sha256(message)))
}
