import type { AccountId, ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { messageOf, numberOf } from '../store/row.ts'
import { tickerOf } from './ticker.ts'

/** The relay says that a device of the account holds everything up to `seq` (T1). Events: the ticks that moved. */
export function applyDelivered(
  db: Database,
  me: Me,
  chat: ChatId,
  account: AccountId,
  seq: number,
): readonly ClientEvent[] {
  return account === me.account ? [] : advance(db, me, chat, account, { delivered: seq })
}

/** Moves how far a member has come, never back, and tells which of the own messages' ticks moved by it. */
export function advance(
  db: Database,
  me: Me,
  chat: ChatId,
  account: AccountId,
  to: { readonly delivered?: number; readonly read?: number },
): readonly ClientEvent[] {
  const row = db.get('select delivered_seq, read_seq from member where chat = ? and account = ?', chat, account)
  if (row === undefined) return []
  const was = { delivered: numberOf(row, 'delivered_seq'), read: numberOf(row, 'read_seq') }
  const delivered = Math.max(was.delivered, to.delivered ?? 0)
  const read = Math.max(was.read, to.read ?? 0)
  if (delivered === was.delivered && read === was.read) return []
  const from = Math.min(delivered > was.delivered ? was.delivered : Infinity, read > was.read ? was.read : Infinity)
  const before = tickerOf(db, me, chat)
  db.run(
    'update member set delivered_seq = ?, read_seq = ? where chat = ? and account = ?',
    delivered,
    read,
    chat,
    account,
  )
  const after = tickerOf(db, me, chat)
  const mine = db.all(
    'select seq, id from message where chat = ? and account = ? and seq > ? and seq <= ? order by seq',
    chat,
    me.account,
    from,
    Math.max(delivered, read),
  )
  return mine.flatMap((message): readonly ClientEvent[] => {
    const seq = numberOf(message, 'seq')
    const tick = after(seq)
    return tick === before(seq) ? [] : [{ event: 'tick', chat, id: messageOf(message, 'id'), tick }]
  })
}
