import type { AccountId, ChatId } from '@quintet/domain'
import { FloorSchema, fromBinary, PinSchema } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { recordFault } from '../store/fault.ts'
import { chatOf, numberOf } from '../store/row.ts'
import { parseSelfKey } from './key.ts'
import type { Op } from './op.ts'
import { parseNumber, parseWords } from './value.ts'

/**
 * What a newly standing op changes outside the self state: the only place where it does.
 *
 * Each effect is a function of what stands, so that it may be repeated (a snapshot, a crash in between).
 */
export function applyEffect(db: Database, me: Me, op: Op): readonly ClientEvent[] {
  const key = parseSelfKey(op.key)
  switch (key.family) {
    case 'read':
      if (op.value !== undefined) clearUnread(db, key.chat, parseNumber(op.value) ?? 0)
      return []
    case 'floor':
      if (op.value !== undefined) raiseFloor(db, key.chat, op.value)
      return []
    case 'contact':
      if (op.value !== undefined) noteHead(db, key.account, op.value)
      return []
    case 'accepted':
      return directWith(db, key.account).map((chat) => ({ event: 'chat', chat, change: 'request' }))
    case 'profile':
      nameSelf(db, me, op.value === undefined ? '' : (parseWords(op.value) ?? ''))
      return []
    case 'device-name':
      return [{ event: 'device', change: 'renamed', device: key.device, by: op.device }]
    case 'removed':
      forgetHeld(db, key.device, op.value === undefined ? undefined : parseNumber(op.value))
      return []
    case 'fork':
      if (op.value !== undefined) noteFork(db, key.account, op.value)
      return []
    case 'blocked': // asked for whenever something arrives or is shown
    case 'verified':
    case 'settings':
    case 'hidden':
    case 'other':
      return []
  }
}

function clearUnread(db: Database, chat: ChatId, seq: number): void {
  db.run('update message set unread = 0 where chat = ? and unread = 1 and seq <= ?', chat, seq)
}

/** A sibling holds two entries for one place in somebody's log (D11): this device trusts that log no further either. */
function noteFork(db: Database, account: AccountId, proof: Uint8Array): void {
  recordFault(db, 'log-fork', account, 0)
  db.run("update fault set detail = ? where kind = 'log-fork' and subject = ? and detail is null", proof, account)
  db.run(
    "insert into account (account, fault) values (?, 'fork') on conflict (account) do update set fault = 'fork'",
    account,
  )
}

/** A floor only rises (C8). */
function raiseFloor(db: Database, chat: ChatId, value: Uint8Array): void {
  const epoch = parsed(() => Number(fromBinary(FloorSchema, value).epoch))
  if (epoch === undefined || !Number.isSafeInteger(epoch)) return
  const known = db.get('select epoch from floor where chat = ?', chat)
  if (known !== undefined && numberOf(known, 'epoch') >= epoch) return
  db.run('insert or replace into floor (chat, epoch, floor) values (?, ?, ?)', chat, epoch, value)
}

/** A head that a sibling has pinned is one that somebody told of: fetched before the next send there (D10, D12). */
function noteHead(db: Database, account: AccountId, value: Uint8Array): void {
  const position = parsed(() => Number(fromBinary(PinSchema, value).head?.position ?? -1n))
  if (position === undefined || !Number.isSafeInteger(position)) return
  db.run(
    `insert into account (account, seen_position) values (?, ?)
     on conflict (account) do update set seen_position = max(seen_position, excluded.seen_position)`,
    account,
    position,
  )
}

function nameSelf(db: Database, me: Me, name: string): void {
  db.run(
    'insert into account (account, name) values (?, ?) on conflict (account) do update set name = excluded.name',
    me.account,
    name,
  )
}

function forgetHeld(db: Database, device: string, last: number | undefined): void {
  if (last !== undefined) db.run('delete from self_held where device = ? and counter > ?', device, last)
}

function directWith(db: Database, account: AccountId): readonly ChatId[] {
  return db.all("select chat from chat where peer = ? and kind = 'direct'", account).map((row) => chatOf(row, 'chat'))
}

function parsed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
