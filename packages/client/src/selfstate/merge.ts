import { FloorSchema, fromBinary, PinSchema } from '@quintet/wire'
import { parseSelfKey } from './key.ts'
import type { Op } from './op.ts'
import { parseNumber } from './value.ts'

/**
 * True when `a` stands and `b` gives way (S1): higher lamport, then higher device id, then higher counter.
 *
 * Before that comes the rank of what only ever grows (S4): a read position, a floor, a pinned head. The order is total
 * and looks at nothing but the two ops, so every order of arrival ends in the same state.
 */
export function beats(a: Op, b: Op): boolean {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank > 0
  if (a.lamport !== b.lamport) return a.lamport > b.lamport
  if (a.device !== b.device) return a.device > b.device
  return a.counter > b.counter
}

/** -1 for a tombstone or nonsense where only growing values make sense; 0 throughout where the last writer wins. */
function rankOf(op: Op): number {
  switch (parseSelfKey(op.key).family) {
    case 'read':
    case 'removed':
      return op.value === undefined ? -1 : (parseNumber(op.value) ?? -1)
    case 'floor':
      return op.value === undefined ? -1 : safe(() => fromBinary(FloorSchema, op.value ?? new Uint8Array()).epoch)
    case 'contact':
      return op.value === undefined
        ? -1
        : safe(() => fromBinary(PinSchema, op.value ?? new Uint8Array()).head?.position)
    case 'device-name':
    case 'hidden':
    case 'accepted':
    case 'blocked':
    case 'verified':
    case 'fork':
    case 'profile':
    case 'settings':
    case 'other':
      return 0
  }
}

function safe(read: () => bigint | undefined): number {
  try {
    const number = Number(read() ?? -1n)
    return Number.isSafeInteger(number) ? number : -1
  } catch {
    return -1
  }
}

/** Keys that only an op of their own undoes: a snapshot's tombstone leaves them standing (S4). */
export function undoneOnlyByOp(key: string): boolean {
  const { family } = parseSelfKey(key)
  return family === 'blocked' || family === 'verified' || family === 'fork'
}
