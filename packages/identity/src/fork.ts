import { sameBytes } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import type { AccountState } from './account-state.ts'
import { entryHash } from './entry.ts'
import { extendLog } from './extend.ts'

/** Two valid entries at one position of one log (D11). `common` is the state before both. */
export interface ForkProof {
  readonly common: AccountState | undefined
  readonly position: bigint
  readonly a: LogEntry
  readonly b: LogEntry
}

/** A proof iff both entries extend `common` and differ; anything less proves nothing against anyone. */
export function forkOf(common: AccountState | undefined, a: LogEntry, b: LogEntry): ForkProof | undefined {
  if (sameBytes(entryHash(a), entryHash(b))) return undefined
  const left = extendLog(common, a)
  const right = extendLog(common, b)
  if (!left.ok || !right.ok || left.state.account !== right.state.account) return undefined
  return { common, position: left.state.head.position, a, b }
}
