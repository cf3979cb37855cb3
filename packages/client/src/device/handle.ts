import { type AccountId, bytesOf, type ChatId, type Handle, parseAccountBytes, parseHandle } from '@quintet/domain'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import type { Database } from '../ports.ts'
import { ask } from '../relay/ask.ts'
import { recordFault } from '../store/fault.ts'
import { accountOf, optionalText } from '../store/row.ts'
import { noteToldHead } from './directory.ts'

/** Accounts per request. */
const batch = 256

/** By which name an account can be found, as far as it was learned. */
export function handleOf(core: Pick<Core, 'db'>, account: AccountId): Handle | undefined {
  const row = core.db.get('select handle from account where account = ?', account)
  return row === undefined ? undefined : parseHandle(optionalText(row, 'handle') ?? '')
}

/**
 * Whose handle that is now, by the relay. Its log's head is noted, not fetched.
 *
 * `before` is the account that had it when it was last looked up here: another one is another person (D13).
 * Fails with `unknown-handle`, `handle-invalid`, `rate-limited`, `offline`.
 */
export async function lookup(
  core: Core,
  handle: string,
): Promise<{ readonly account: AccountId; readonly before: AccountId | undefined }> {
  const wanted = parseHandle(handle)
  if (wanted === undefined) throw unknownHandle()
  const found = await ask(core, 'lookup', { handle }, 'lookedUp').catch((error: unknown) => {
    throw error instanceof ClientError && error.code === 'handle-invalid' ? unknownHandle() : error
  })
  const account = parseAccountBytes(found.account)
  if (account === undefined) throw unknownHandle()
  const before = core.db.get('select account from account where handle = ?', wanted)
  core.write(() => {
    const other = before !== undefined && accountOf(before, 'account') !== account
    if (other) recordFault(core.db, 'handle-moved', account, Math.trunc(core.relayNow()))
    setHandle(core.db, account, wanted)
    if (found.head !== undefined) noteToldHead(core, account, found.head)
  })
  return { account, before: before === undefined ? undefined : accountOf(before, 'account') }
}

/** Asks the relay for the handles of accounts that one shares a chat with (M3) and keeps them. */
export async function learnHandles(core: Core, accounts: readonly AccountId[]): Promise<void> {
  const wanted = [...new Set(accounts)]
  for (let at = 0; at < wanted.length; at += batch) {
    const some = wanted.slice(at, at + batch)
    const { handles } = await ask(core, 'handlesOf', { accounts: some.map(bytesOf) }, 'handles')
    core.write(() => {
      for (const told of handles) {
        const account = parseAccountBytes(told.account)
        if (account !== undefined && some.includes(account) && told.handle !== '')
          setHandle(core.db, account, parseHandle(told.handle))
      }
    })
  }
}

/** Asks for the handles of a chat's members who are not known by name yet. */
export async function learnMembers(core: Core, chat: ChatId): Promise<void> {
  const nameless = core.db
    .all(
      'select m.account from member m left join account a on a.account = m.account where m.chat = ? and a.handle is null',
      chat,
    )
    .map((row) => accountOf(row, 'account'))
  if (nameless.length > 0) await learnHandles(core, nameless)
}

/** Notes whose handle it is; whoever had it before has none that is known. Undefined = released. */
export function setHandle(db: Database, account: AccountId, handle: Handle | undefined): void {
  if (handle !== undefined)
    db.run('update account set handle = null where handle = ? and account <> ?', handle, account)
  db.run(
    'insert into account (account, handle) values (?1, ?2) on conflict (account) do update set handle = ?2',
    account,
    handle ?? null,
  )
}

function unknownHandle(): ClientError {
  return new ClientError('unknown-handle', 'Nobody on this relay has that handle.')
}
