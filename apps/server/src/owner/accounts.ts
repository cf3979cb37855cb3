import type { AccountSummary } from '@quintet/relay'
import { accountByHandle, type SqliteStore } from '@quintet/relay-node'
import { OwnerError, type OwnerTerminal } from './terminal.ts'
import { announceChange } from './with-store.ts'

async function find(store: SqliteStore, text: string): Promise<AccountSummary> {
  const summary = await accountByHandle(store, text)
  if (!summary) throw new OwnerError('unknown-handle', 'Nobody here has that handle.')
  return summary
}

/** What the relay knows of one account: no names, chats or contacts are shown. */
export async function showAccount(store: SqliteStore, terminal: OwnerTerminal, handle: string): Promise<void> {
  const { account, suspended, createdAtMs, devices, logEntries } = await find(store, handle)
  const since = new Date(createdAtMs).toISOString()
  const sentence = `${handle}: here since ${since}, ${devices} devices, ${suspended ? 'suspended' : 'active'}.`
  terminal.say(sentence, { handle, account, since, devices, logEntries, suspended })
}

export async function countAccounts(store: SqliteStore, terminal: OwnerTerminal): Promise<void> {
  const counts = await store.accounts.count()
  const { accounts, devices, suspended } = counts
  terminal.say(`${accounts} accounts with ${devices} devices; ${suspended} suspended.`, counts)
}

export async function suspend(
  store: SqliteStore,
  terminal: OwnerTerminal,
  handle: string,
  suspended: boolean,
): Promise<void> {
  const { account } = await find(store, handle)
  await store.accounts.setSuspended(account, suspended)
  await announceChange(store)
  const done = suspended ? 'is suspended: its devices are let in no more' : 'may come in again'
  terminal.say(`${handle} ${done}.`, { ok: true, handle, suspended })
}
