import type { Database } from '../ports.ts'
import type { Op } from './op.ts'
import { highestLamport } from './winner.ts'

/** An op whose Lamport number leaps further than this above all seen is refused (S2). */
const maxJump = 2 ** 20

/** True for such an op. A device that has seen nothing yet has nothing to judge a leap by. */
export function leaps(db: Database, op: Op): boolean {
  const highest = highestLamport(db)
  return highest > 0 && op.lamport > highest + maxJump
}
