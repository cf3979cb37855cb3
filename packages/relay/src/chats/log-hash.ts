import type { RelayRuntime } from '../ports/runtime.ts'

/** H(0): 32 zero bytes (R6). */
export const firstLogHash: Uint8Array = new Uint8Array(32)

/** H(s) = SHA-256(H(s-1) ‖ s as 8 bytes, big endian ‖ SHA-256(entry)) (R6). `digest` is that of the entry. */
export function nextLogHash(
  runtime: Pick<RelayRuntime, 'sha256'>,
  previous: Uint8Array,
  seq: number,
  digest: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(72)
  bytes.set(previous)
  new DataView(bytes.buffer).setBigUint64(32, BigInt(seq))
  bytes.set(digest, 40)
  return runtime.sha256(bytes)
}
