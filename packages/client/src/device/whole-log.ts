import { type AccountId, bytesOf } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ask } from '../relay/ask.ts'

/** An account's log from its first entry, as the relay tells it now; nothing of it is checked or kept. */
export async function fetchWholeLog(core: Core, account: AccountId): Promise<readonly LogEntry[]> {
  const { logs } = await ask(core, 'logs', { accounts: [{ account: bytesOf(account), fromPosition: 0n }] }, 'logs')
  return logs[0]?.entries ?? []
}
