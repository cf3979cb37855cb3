import type { Database } from '../ports.ts'
import { valuesOf } from '../selfstate/winner.ts'

/** Accounts that are blocked: what they say in groups is folded, what they do to messages there is not shown (M4). */
export function blockedSet(db: Database): ReadonlySet<string> {
  return new Set(valuesOf(db, 'blocked').map((op) => op.key.slice('blocked/'.length)))
}
