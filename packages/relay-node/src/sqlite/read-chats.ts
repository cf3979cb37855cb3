import { type AccountId, bytesOf, type ChatId, type DeviceId } from '@quintet/domain'
import type {
  EntryPage,
  JoinFacts,
  PageRequest,
  StoredChat,
  StoredChatKind,
  StoredEntry,
  StoredIntent,
  StoredMember,
  StoredParty,
  StoredWelcome,
} from '@quintet/relay'
import { StoreError } from '@quintet/relay/store'
import { headOf, newestOf, sha256 } from './chat-head.ts'
import { blob, type Database, int, maybe, type Row } from './database.ts'
import { accountIn, deviceIn } from './ids.ts'
import { packEntries, type PackedEntries, unpackEntries } from './packed-entries.ts'

export interface ReadContext {
  readonly db: Database
}

const kinds: Readonly<Record<number, StoredChatKind>> = { 1: 'self', 2: 'direct', 3: 'group' }

export function kindIn(row: Row): StoredChatKind {
  const kind = kinds[int(row, 'kind')]
  if (kind === undefined) throw new StoreError('unavailable', 'column kind')
  return kind
}

function chatRow(db: Database, chat: ChatId): Row | undefined {
  return db.get('SELECT * FROM chats WHERE id = ?', bytesOf(chat))
}

export const memberColumns = `members.leaf, members.join_seq, members.join_hash, members.cursor, members.n, members.n_seq,
  members.n_at_ms, members.n_digest, members.welcome_seq, members.device AS device_key,
  devices.id AS device_id, accounts.id AS account_id`
export const memberJoins =
  'JOIN devices ON devices.key = members.device JOIN accounts ON accounts.key = members.account'

export function memberIn(row: Row, newest: Row | undefined): StoredMember {
  const fresh = newest && int(newest, 'n') > int(row, 'n') ? newest : undefined
  return {
    account: accountIn(row, 'account_id'),
    device: deviceIn(row, 'device_id'),
    leaf: maybe(row, 'leaf', int),
    joinSeq: int(row, 'join_seq'),
    joinHash: blob(row, 'join_hash'),
    cursor: int(row, 'cursor'),
    n: int(fresh ?? row, 'n'),
    nSeq: fresh ? int(fresh, 'seq') : int(row, 'n_seq'),
    nAtMs: fresh ? int(fresh, 'at_ms') : int(row, 'n_at_ms'),
    nDigest: fresh ? sha256(blob(fresh, 'message')) : blob(row, 'n_digest'),
    welcomeSeq: maybe(row, 'welcome_seq', int),
  }
}

export function partiesOf(db: Database, chat: number): readonly StoredParty[] {
  const sql = `SELECT id, delivered_on, delivered_seq FROM parties JOIN accounts ON accounts.key = parties.account
    WHERE chat = ?`
  return db.all(sql, chat).map((row) => ({
    account: accountIn(row, 'id'),
    deliveredOn: int(row, 'delivered_on') === 1,
    deliveredSeq: int(row, 'delivered_seq'),
  }))
}

export function intentsOf(db: Database, chat: number): readonly StoredIntent[] {
  const sql = 'SELECT id, intent FROM intents JOIN accounts ON accounts.key = intents.account WHERE chat = ?'
  return db.all(sql, chat).map((row) => ({ account: accountIn(row, 'id'), intent: blob(row, 'intent') }))
}

export function loadChat({ db }: ReadContext, { chat }: { chat: ChatId }): StoredChat | undefined {
  const row = chatRow(db, chat)
  if (row === undefined) return undefined
  const key = int(row, 'key')
  const head = headOf(db, key, row)
  const newest = new Map(newestOf(db, key, head.seq).map((entry) => [int(entry, 'device'), entry]))
  const members = db.all(`SELECT ${memberColumns} FROM members ${memberJoins} WHERE chat = ?`, key)
  const content = db.all(
    `SELECT seq, id FROM entries JOIN devices ON devices.key = entries.device
     WHERE chat = ? AND content = 1 ORDER BY seq`,
    key,
  )
  return {
    chat,
    kind: kindIn(row),
    suite: int(row, 'suite'),
    epoch: int(row, 'epoch'),
    headSeq: head.seq,
    headAtMs: head.atMs,
    headHash: head.hash,
    policy: blob(db.get('SELECT policy FROM policies WHERE chat = ?', key) ?? {}, 'policy'),
    members: members.map((member) => memberIn(member, newest.get(int(member, 'device_key')))),
    parties: partiesOf(db, key),
    intents: intentsOf(db, key),
    content: content.map((entry) => ({ seq: int(entry, 'seq'), device: deviceIn(entry, 'id') })),
    trimmedSeq: int(row, 'trimmed_seq'),
  }
}

function entryIn(row: Row): StoredEntry {
  return {
    seq: int(row, 'seq'),
    atMs: int(row, 'at_ms'),
    epoch: int(row, 'epoch'),
    kind: int(row, 'n') === 0 ? 'commit' : 'message',
    content: int(row, 'content') === 1,
    device: deviceIn(row, 'device_id'),
    n: int(row, 'n'),
    message: blob(row, 'message'),
    hashBefore: blob(row, 'hash_before'),
    atBeforeMs: int(row, 'at_before_ms'),
  }
}

const entriesFrom = `SELECT entries.*, devices.id AS device_id FROM entries JOIN devices ON devices.key = entries.device`

/** A page as it goes between threads. */
interface PackedPage extends Omit<EntryPage, 'entries'> {
  readonly entries: PackedEntries
}

export function unpackPage(page: PackedPage): EntryPage {
  return { ...page, entries: unpackEntries(page.entries) }
}

export function readPage({ db }: ReadContext, request: PageRequest): PackedPage | undefined {
  const row = chatRow(db, request.chat)
  if (row === undefined) return undefined
  const key = int(row, 'key')
  const head = headOf(db, key, row)
  const which = request.commitsOnly ? 'AND n = 0' : ''
  const sql = `${entriesFrom} WHERE chat = ? AND seq > ? ${which} ORDER BY seq LIMIT ?`
  const entries: StoredEntry[] = []
  let bytes = 0
  const rows = db.all(sql, key, request.after, request.limit + 1)
  for (const each of rows.slice(0, request.limit)) {
    bytes += blob(each, 'message').length
    if (bytes > request.maxBytes && entries.length > 0) break
    entries.push(entryIn(each))
  }
  const complete = entries.length === rows.length
  return { entries: packEntries(entries), complete, headSeq: head.seq, headAtMs: head.atMs, headHash: head.hash }
}

export function findEntry(
  { db }: ReadContext,
  { chat, device, n }: { chat: ChatId; device: DeviceId; n: number },
): StoredEntry | undefined {
  const row = chatRow(db, chat)
  if (row === undefined || n <= 0) return undefined
  const sql = `${entriesFrom} WHERE chat = ? AND device = (SELECT key FROM devices WHERE id = ?) AND n = ?`
  const found = db.get(sql, int(row, 'key'), bytesOf(device), n)
  return found && entryIn(found)
}

export function readJoinFacts({ db }: ReadContext, { chat }: { chat: ChatId }): JoinFacts | undefined {
  const row = chatRow(db, chat)
  if (row === undefined) return undefined
  const key = int(row, 'key')
  const head = headOf(db, key, row)
  const info = db.get('SELECT group_info FROM group_infos WHERE chat = ?', key)
  const roster = db.all(
    `SELECT ${memberColumns} FROM members ${memberJoins} WHERE chat = ? AND leaf IS NOT NULL ORDER BY leaf`,
    key,
  )
  return {
    groupInfo: blob(info ?? {}, 'group_info'),
    epoch: int(row, 'epoch'),
    headSeq: head.seq,
    headHash: head.hash,
    roster: roster.map((each) => ({ account: accountIn(each, 'account_id'), device: deviceIn(each, 'device_id') })),
    intents: intentsOf(db, key),
  }
}

export function readWelcome(
  { db }: ReadContext,
  { chat, device }: { chat: ChatId; device: DeviceId },
): StoredWelcome | undefined {
  const row = db.get(
    `SELECT welcomes.* FROM chats JOIN members ON members.chat = chats.key
     JOIN devices ON devices.key = members.device
     JOIN welcomes ON welcomes.chat = chats.key AND welcomes.seq = members.welcome_seq
     WHERE chats.id = ? AND devices.id = ?`,
    bytesOf(chat),
    bytesOf(device),
  )
  return (
    row && { welcome: blob(row, 'welcome'), epoch: int(row, 'epoch'), seq: int(row, 'seq'), hash: blob(row, 'hash') }
  )
}

export function readSharers({ db }: ReadContext, { account }: { account: AccountId }): readonly AccountId[] {
  const rows = db.all(
    `SELECT DISTINCT other.id FROM accounts AS own JOIN parties AS mine ON mine.account = own.key
     JOIN parties AS theirs ON theirs.chat = mine.chat AND theirs.account <> mine.account
     JOIN accounts AS other ON other.key = theirs.account WHERE own.id = ?`,
    bytesOf(account),
  )
  return rows.map((row) => accountIn(row, 'id'))
}

export function countChats({ db }: ReadContext): { chats: number; entries: number } {
  const row = db.get('SELECT (SELECT count(*) FROM chats) AS chats, (SELECT count(*) FROM entries) AS entries') ?? {}
  return { chats: int(row, 'chats'), entries: int(row, 'entries') }
}
