import { type AccountId, type ChatId, parseAccountId } from '@quintet/domain'
import type { AccountState } from '@quintet/identity'
import type { Core } from '../core.ts'
import type { ChatKindName } from '../api.ts'
import { kindOf } from '../content/chat-row.ts'
import { stateOf } from '../device/directory.ts'
import { decodePolicy, type Policy } from '../policy/policy.ts'
import type { Database, Row, SqlValue } from '../ports.ts'
import { chatOf, numberOf, optionalBlob, optionalText, textOf } from '../store/row.ts'

/** How far this device has come in one chat. */
export interface ChatRecord {
  readonly chat: ChatId
  readonly kind: ChatKindName
  readonly peer: AccountId | undefined
  /** creating, joining, active, blocked, left, removed, gone */
  readonly state: string
  readonly held: string | undefined
  readonly epoch: number
  readonly cursor: number
  readonly acked: number
  readonly logHash: Uint8Array
  readonly relayHead: number
  readonly lastN: number
  readonly policy: Uint8Array | undefined
  readonly updateDue: number
}

function recordOf(row: Row): ChatRecord {
  return {
    chat: chatOf(row, 'chat'),
    kind: kindOf(row),
    peer: parseAccountId(optionalText(row, 'peer') ?? ''),
    state: textOf(row, 'state'),
    held: optionalText(row, 'held'),
    epoch: numberOf(row, 'epoch'),
    cursor: numberOf(row, 'cursor'),
    acked: numberOf(row, 'acked'),
    logHash: optionalBlob(row, 'log_hash') ?? new Uint8Array(32),
    relayHead: numberOf(row, 'relay_head'),
    lastN: numberOf(row, 'last_n'),
    policy: optionalBlob(row, 'policy'),
    updateDue: numberOf(row, 'update_due'),
  }
}

/** By name: it is the query that runs most often of all, and the row has twice as many. */
const columns = 'chat, kind, peer, state, held, epoch, cursor, acked, log_hash, relay_head, last_n, policy, update_due'

export function chatRecord(db: Database, chat: ChatId): ChatRecord | undefined {
  const row = db.get(`select ${columns} from chat where chat = ?`, chat)
  return row && recordOf(row)
}

export function chatRecords(db: Database): readonly ChatRecord[] {
  return db.all(`select ${columns} from chat order by newest_at desc`).map(recordOf)
}

/** Changes columns of a chat's row; the names come from code alone. */
export function setChat(db: Database, chat: ChatId, columns: Readonly<Record<string, SqlValue>>): void {
  const names = Object.keys(columns)
  db.run(
    `update chat set ${names.map((name) => `${name} = ?`).join(', ')} where chat = ?`,
    ...Object.values(columns),
    chat,
  )
}

/** A chat that this device has just heard of; one that is known stays as it is. */
export function addChat(db: Database, chat: ChatId, kind: ChatKindName, state: string, now: number): void {
  db.run(
    'insert into chat (chat, kind, state, created_at, newest_at) values (?, ?, ?, ?, ?) on conflict do nothing',
    chat,
    kind,
    state,
    now,
    now,
  )
}

export function policyOf(record: Pick<ChatRecord, 'policy'>): Policy | undefined {
  return record.policy === undefined ? undefined : decodePolicy(record.policy)
}

/** Who is in the chat, by its policy: the member rows follow it, a newcomer's ticks begin at `seq`. */
export function keepPolicy(db: Database, own: AccountId, chat: ChatId, bytes: Uint8Array, seq: number): void {
  const policy = decodePolicy(bytes)
  if (policy === undefined) return
  const peer = policy.kind === 'direct' ? [...policy.members.keys()].find((account) => account !== own) : undefined
  const predecessor = policy.predecessor?.chat ?? null
  setChat(db, chat, { policy: bytes, ...(peer && { peer }), kind: policy.kind, predecessor })
  const known = new Set(db.all('select account from member where chat = ?', chat).map((row) => textOf(row, 'account')))
  for (const [account, role] of policy.members) {
    if (known.delete(account)) db.run('update member set role = ? where chat = ? and account = ?', role, chat, account)
    else db.run('insert into member (chat, account, role, joined_seq) values (?, ?, ?, ?)', chat, account, role, seq)
  }
  for (const account of known) db.run('delete from member where chat = ? and account = ?', chat, account)
}

/** The newest known logs of these accounts; unknown ones are left out. */
export function accountsOf(core: Core, accounts: Iterable<AccountId>): ReadonlyMap<AccountId, AccountState> {
  const found = new Map<AccountId, AccountState>()
  for (const account of accounts) {
    const state = stateOf(core, account)
    if (state !== undefined) found.set(account, state)
  }
  return found
}
