import type { MessageId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { isBlocked } from '../selfstate/blocked.ts'
import { readUpTo } from '../selfstate/read.ts'
import type { Me } from '../store/me.ts'
import { numberOf } from '../store/row.ts'
import type { Arrived } from './arrived.ts'

/** What a row in a thread shows. */
export interface Line {
  readonly kind: 'text' | 'unknown'
  readonly text: string | undefined
  readonly replyTo: MessageId | undefined
}

/**
 * Puts a line into its thread; false when the chat has one of this id already.
 *
 * Any member can send another's body and key again and so make its id appear twice: only the first is that message.
 */
export function insertMessage(db: Database, me: Me, arrived: Arrived, line: Line): boolean {
  const { chat, seq, at, id, account } = arrived
  if (db.get('select 1 as one from message where id = ? and chat = ?', id, chat) !== undefined) return false
  db.run(
    `insert into message (row, chat, seq, id, account, device, at, sent_at, epoch, kind, text, reply_to, body, body_key, unread)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    freeRow(db, at),
    chat,
    seq,
    id,
    account,
    arrived.device,
    at,
    arrived.sentAt,
    arrived.epoch,
    line.kind,
    line.text ?? null,
    line.replyTo ?? null,
    arrived.bodyBytes,
    arrived.bodyKey,
    isUnread(db, me, arrived, line) ? 1 : 0,
  )
  db.run(
    `update chat set newest_at = max(newest_at, ?), newest_seq = max(newest_seq, ?), written = max(written, ?)
     where chat = ?`,
    at,
    seq,
    account === me.account ? 1 : 0,
    chat,
  )
  return true
}

/** Row order is time order: at * 1024 + n (DESIGN 6). More than 1,024 rows in one ms spill into the next. */
function freeRow(db: Database, at: number): number {
  for (let ms = at; ; ms++) {
    const first = ms * 1024
    const last = first + 1023
    const taken = db.get('select row from message where row between ? and ? order by row desc limit 1', first, last)
    if (taken === undefined) return first
    const row = numberOf(taken, 'row')
    if (row < last) return row + 1
  }
}

/** Of an unknown kind only what its sender flagged as content calls for attention. */
function isUnread(db: Database, me: Me, arrived: Arrived, line: Line): boolean {
  if (arrived.account === me.account || (line.kind === 'unknown' && !arrived.content)) return false
  return arrived.seq > readUpTo(db, arrived.chat) && !isBlocked(db, arrived.account)
}
