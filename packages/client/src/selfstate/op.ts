import { sha256 } from '@noble/hashes/sha2.js'
import { type DeviceId, parseDeviceBytes } from '@quintet/domain'
import { type SelfOp, SelfOpSchema, toBinary } from '@quintet/wire'

/** One op of the self state, read and found well formed (S1). */
export interface Op {
  readonly key: string
  /** undefined is a tombstone. */
  readonly value: Uint8Array | undefined
  readonly lamport: number
  readonly device: DeviceId
  readonly counter: number
}

/** Longest key that is taken; ours are at most 76 letters. */
const maxKeyLength = 256

/** Undefined for what no device of this or a later version would write. */
export function parseOp(op: SelfOp): Op | undefined {
  const device = parseDeviceBytes(op.device)
  const lamport = Number(op.lamport)
  const counter = Number(op.counter)
  if (device === undefined || op.key === '' || op.key.length > maxKeyLength) return undefined
  if (!Number.isSafeInteger(lamport) || !Number.isSafeInteger(counter) || lamport < 1 || counter < 1) return undefined
  return { key: op.key, value: op.tombstone ? undefined : op.value, lamport, device, counter }
}

/**
 * What the same device's next op names as `previous` (S1): SHA-256 of the op's encoding, fields by number.
 *
 * Fields of later versions stay in it, so a version that does not know them computes the same hash.
 */
export function opHash(op: SelfOp): Uint8Array {
  return sha256(toBinary(SelfOpSchema, op))
}
