import { type AccountId, bytesOf, type ChatId } from '@quintet/domain'
import type {
  CommitChange,
  CursorChange,
  NewChat,
  NewEntry,
  ProgressChange,
  StoredEntry,
  StoredIntent,
  StoredMember,
  StoredParty,
} from '@quintet/relay'
import { StoreError } from '@quintet/relay/store'
import { headOf } from './chat-head.ts'
import { int } from './database.ts'
import type { WriteContext } from './write-accounts.ts'

const kindNumbers = { self: 1, direct: 2, group: 3 } as const

export function createChat(context: WriteContext, chat: NewChat): void {
  const { db, keys } = context
  if (keys.findChat(chat.chat) !== undefined) throw new StoreError('conflict', 'chat')
  const { entry } = chat
  const { key } = db.run(
    `INSERT INTO chats (id, kind, suite, epoch, head_seq, head_at_ms, head_hash) VALUES (?, ?, ?, 1, ?, ?, ?)`,
    bytesOf(chat.chat),
    kindNumbers[chat.kind],
    chat.suite,
    entry.seq,
    entry.atMs,
    entry.hash,
  )
  db.run('INSERT INTO policies (chat, policy) VALUES (?, ?)', key, chat.policy)
  insertEntry(context, key, entry)
  keepRoster(context, key, chat)
}

/** An entry for a chat's log: what nearly all writes are. */
export interface Append {
  readonly chat: ChatId
  readonly entry: StoredEntry
}

export function appendEntry(context: WriteContext, { chat, entry }: Append): void {
  const key = context.keys.chat(chat)
  expectNext(context, key, entry.seq)
  insertEntry(context, key, entry)
}

function expectNext({ db, heads }: WriteContext, chat: number, seq: number): void {
  let head = heads.get(chat)
  if (head === undefined) {
    const row = db.get('SELECT head_seq, head_at_ms, head_hash FROM chats WHERE key = ?', chat)
    head = row ? headOf(db, chat, row).seq : -1
    if (heads.size > 100_000) heads.clear()
  }
  heads.set(chat, head)
  if (seq !== head + 1) throw new StoreError('conflict', 'seq')
}

function insertEntry({ db, keys, heads }: WriteContext, chat: number, entry: StoredEntry): void {
  db.run(
    `INSERT INTO entries (chat, seq, device, n, content, at_ms, epoch, at_before_ms, hash_before, message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    chat,
    entry.seq,
    keys.device(entry.device),
    entry.n,
    Number(entry.content),
    entry.atMs,
    entry.epoch,
    entry.atBeforeMs,
    entry.hashBefore,
    entry.message,
  )
  heads.set(chat, entry.seq)
}

/** R1: the commit, the roster, GroupInfo and Welcome, in the one transaction around this. */
export function commitChange(context: WriteContext, change: CommitChange): void {
  const { db, keys } = context
  const key = keys.chat(change.chat)
  const { entry } = change
  expectNext(context, key, entry.seq)
  const row = db.get('SELECT epoch FROM chats WHERE key = ?', key)
  if (row === undefined || int(row, 'epoch') !== entry.epoch) throw new StoreError('conflict', 'epoch')
  const sql = 'UPDATE chats SET epoch = ?, head_seq = ?, head_at_ms = ?, head_hash = ? WHERE key = ?'
  db.run(sql, entry.epoch + 1, entry.seq, entry.atMs, entry.hash, key)
  insertEntry(context, key, entry)
  if (change.policy) db.run('UPDATE policies SET policy = ? WHERE chat = ?', change.policy, key)
  keepRoster(context, key, { ...change, parties: change.partiesAdded })
  for (const account of change.partiesRemoved) {
    db.run('DELETE FROM parties WHERE chat = ? AND account = ?', key, keys.account(account))
    db.run('DELETE FROM intents WHERE chat = ? AND account = ?', key, keys.account(account))
  }
}

interface Roster {
  readonly entry: NewEntry
  readonly groupInfo: Uint8Array
  readonly welcome: Uint8Array | undefined
  readonly members: readonly StoredMember[]
  readonly parties: readonly StoredParty[]
}

function keepRoster(
  context: WriteContext,
  chat: number,
  { entry, groupInfo, welcome, members, parties }: Roster,
): void {
  const { db, keys } = context
  db.run('INSERT OR REPLACE INTO group_infos (chat, group_info) VALUES (?, ?)', chat, groupInfo)
  if (welcome) {
    const sql = 'INSERT INTO welcomes (chat, seq, epoch, hash, welcome) VALUES (?, ?, ?, ?, ?)'
    db.run(sql, chat, entry.seq, entry.epoch + 1, entry.hash, welcome)
  }
  for (const member of members) putMember(context, chat, member)
  for (const { account, deliveredOn, deliveredSeq } of parties) {
    const sql = 'INSERT OR REPLACE INTO parties (chat, account, delivered_on, delivered_seq) VALUES (?, ?, ?, ?)'
    db.run(sql, chat, keys.account(account), Number(deliveredOn), deliveredSeq)
  }
}

function putMember({ db, keys }: WriteContext, chat: number, member: StoredMember): void {
  db.run(
    `INSERT OR REPLACE INTO members
       (chat, device, account, leaf, join_seq, join_hash, cursor, n, n_seq, n_at_ms, n_digest, welcome_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    chat,
    keys.device(member.device),
    keys.account(member.account),
    member.leaf ?? null,
    member.joinSeq,
    member.joinHash,
    member.cursor,
    member.n,
    member.nSeq,
    member.nAtMs,
    member.nDigest,
    member.welcomeSeq ?? null,
  )
}

export function addIntent({ db, keys }: WriteContext, { chat, intent }: { chat: ChatId; intent: StoredIntent }): void {
  const sql = 'INSERT OR REPLACE INTO intents (chat, account, intent) VALUES (?, ?, ?)'
  db.run(sql, keys.chat(chat), keys.account(intent.account), intent.intent)
}

export function setDelivered(
  { db, keys }: WriteContext,
  { chat, account, on }: { chat: ChatId; account: AccountId; on: boolean },
): void {
  const sql = 'UPDATE parties SET delivered_on = ? WHERE chat = ? AND account = ?'
  db.run(sql, Number(on), keys.chat(chat), keys.account(account))
}

export function saveCursors(
  { db, keys }: WriteContext,
  { cursors, progress }: { cursors: readonly CursorChange[]; progress: readonly ProgressChange[] },
): void {
  for (const { chat, device, cursor, welcomed } of cursors) {
    const [chatKey, deviceKey] = [keys.findChat(chat), keys.findDevice(device)]
    if (chatKey === undefined || deviceKey === undefined) continue
    db.run('UPDATE members SET cursor = max(cursor, ?) WHERE chat = ? AND device = ?', cursor, chatKey, deviceKey)
    if (!welcomed) continue
    db.run(
      'UPDATE members SET welcome_seq = NULL WHERE chat = ? AND device = ? AND welcome_seq <= ?',
      chatKey,
      deviceKey,
      cursor,
    )
    db.run(
      `DELETE FROM welcomes WHERE chat = ?1
       AND seq NOT IN (SELECT welcome_seq FROM members WHERE chat = ?1 AND welcome_seq IS NOT NULL)`,
      chatKey,
    )
  }
  for (const { chat, account, deliveredSeq } of progress) {
    const [chatKey, accountKey] = [keys.findChat(chat), keys.findAccount(account)]
    if (chatKey === undefined || accountKey === undefined) continue
    db.run('UPDATE parties SET delivered_seq = ? WHERE chat = ? AND account = ?', deliveredSeq, chatKey, accountKey)
  }
}

const tables = ['policies', 'group_infos', 'parties', 'members', 'intents', 'welcomes', 'entries'] as const

export function forgetParty({ db, keys, heads }: WriteContext, { account }: { account: AccountId }): void {
  const rows = db.all(
    'SELECT chats.key FROM chats JOIN parties ON parties.chat = chats.key WHERE parties.account = ? AND kind = ?',
    keys.account(account),
    kindNumbers.self,
  )
  for (const row of rows) {
    const chat = int(row, 'key')
    for (const table of tables) db.run(`DELETE FROM ${table} WHERE chat = ?`, chat)
    db.run('DELETE FROM chats WHERE key = ?', chat)
    heads.delete(chat)
  }
  keys.forget()
}
