import { type AccountState, replayLog, type VerifyFn } from '@quintet/identity'
import type { Handle } from '@quintet/domain'
import { fromBinary, LogEntrySchema } from '@quintet/wire'
import type { StoredAccount } from '../ports/account-store.ts'

/** An account as the relay has it in memory. Changes only after the store has them. */
export interface LiveAccount {
  state: AccountState
  handle: Handle | undefined
  suspended: boolean
  /** When the relay took its newest entries; older than a day are left out. */
  takenAtMs: readonly number[]
}

/** Undefined when the stored log does not replay whole: a damaged row must not pass for a shorter log. */
export function liveAccount(stored: StoredAccount, verify: VerifyFn): LiveAccount | undefined {
  const entries = stored.entries.map((entry) => fromBinary(LogEntrySchema, entry))
  const { state, fault } = replayLog(entries, { account: stored.account, verify })
  if (state === undefined || fault !== undefined) return undefined
  return { state, handle: stored.handle, suspended: stored.suspended, takenAtMs: stored.takenAtMs }
}
