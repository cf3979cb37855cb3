import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOf, concatBytes } from '@quintet/domain'
import type { Database } from '../ports.ts'
import type { Op } from './op.ts'
import { allWinners } from './winner.ts'

const encoder = new TextEncoder()
const prefix = asciiBytes('quintet/self-digest/v1\0')

/**
 * What siblings compare (S5): SHA-256 over every standing op in order of key, each field preceded by its length.
 *
 * Equal on two devices exactly when the same ops stand on both.
 */
export function digest(db: Database): Uint8Array {
  const hash = sha256.create().update(prefix)
  for (const op of allWinners(db)) hash.update(bytesOfOp(op))
  return hash.digest()
}

function bytesOfOp(op: Op): Uint8Array {
  const numbers = new Uint8Array(17)
  const view = new DataView(numbers.buffer)
  view.setBigUint64(0, BigInt(op.lamport))
  view.setBigUint64(8, BigInt(op.counter))
  view.setUint8(16, op.value === undefined ? 1 : 0)
  return concatBytes(sized(encoder.encode(op.key)), sized(op.value ?? new Uint8Array()), numbers, bytesOf(op.device))
}

function sized(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return concatBytes(length, bytes)
}
