import type { AccountId } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import type { AccountState, LogFault } from './account-state.ts'
import { accountIdOf } from './entry.ts'
import { extendLog, type LogOptions } from './extend.ts'

/** How far a log could be followed: the state of its valid prefix, and what is wrong with the entry after it. */
export interface Replay {
  readonly state: AccountState | undefined
  readonly fault: LogFault | undefined
}

export interface ReplayOptions extends LogOptions {
  /** Whose log it has to be. */
  readonly account?: AccountId
}

/** Follows a log from its genesis; stops at the first fault and keeps the prefix (D3). */
export function replayLog(entries: readonly LogEntry[], options: ReplayOptions = {}): Replay {
  const genesis = entries[0]
  if (genesis && options.account !== undefined && accountIdOf(genesis) !== options.account) {
    return { state: undefined, fault: { kind: 'wrong-account', position: 0n } }
  }
  return continueLog(undefined, entries, options)
}

/** Follows a log from where one stands: `entries` begin right after `state`'s head. */
export function continueLog(
  state: AccountState | undefined,
  entries: readonly LogEntry[],
  options: LogOptions = {},
): Replay {
  let reached = state
  for (const entry of entries) {
    const extended = extendLog(reached, entry, options)
    if (!extended.ok) return { state: reached, fault: extended.fault }
    reached = extended.state
  }
  return { state: reached, fault: undefined }
}
