import type { ChatId, MessageId } from '@quintet/domain'
import type { MessageView } from '../api.ts'
import type { Database, Row } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { chatOf, numberOf } from '../store/row.ts'
import { blockedSet } from './blocked-set.ts'
import { lineColumns, lineView, reactionsOf } from './line.ts'
import { pendingView, pendingViews } from './pending.ts'
import { tickerOf } from './ticker.ts'

const reactionColumns = 'r.chat, r.message, r.emoji, r.account, a.handle'

/** One message, sent or still in the outbox. */
export function messageView(db: Database, me: Me, chat: ChatId, id: MessageId): MessageView | undefined {
  const row = db.get(
    `select ${lineColumns} from message m left join account a on a.account = m.account where m.id = ? and m.chat = ?`,
    id,
    chat,
  )
  return row === undefined ? pendingView(db, me, chat, id) : viewsOf(db, me, chat, [row])[0]
}

/**
 * The newest `limit` of a chat, or those before a seq; oldest first, in order of seq, what waits in the outbox last (M5).
 */
export function messageViews(
  db: Database,
  me: Me,
  chat: ChatId,
  limit: number,
  beforeSeq?: number,
): readonly MessageView[] {
  const pending = beforeSeq === undefined ? pendingViews(db, me, chat, limit) : []
  const rows = db.all(
    `select ${lineColumns} from message m left join account a on a.account = m.account
     where m.chat = ? and m.seq < ? order by m.seq desc limit ?`,
    chat,
    beforeSeq ?? Number.MAX_SAFE_INTEGER,
    limit - pending.length,
  )
  const views = [...viewsOf(db, me, chat, rows.toReversed()), ...pending]
  const before = db.get('select chat from chat where successor = ?', chat)
  if (before === undefined || views.length >= limit) return views
  // One conversation: what was said before the chat went on in this one comes first (C13).
  const earlier = messageViews(db, me, chatOf(before, 'chat'), limit - views.length)
  return [...earlier.map((view) => ({ ...view, chat })), ...views]
}

/** Rows of one chat in order of seq. */
function viewsOf(db: Database, me: Me, chat: ChatId, rows: readonly Row[]): readonly MessageView[] {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  const reactions = db.all(
    `select ${reactionColumns} from message m join reaction r on r.chat = m.chat and r.message = m.id
     left join account a on a.account = r.account
     where m.chat = ? and m.seq between ? and ? and r.off = 0 order by r.seq`,
    chat,
    numberOf(first, 'seq'),
    numberOf(last, 'seq'),
  )
  const blocked = blockedSet(db)
  // Only one's own lines have a tick; a large group's members are not read for others'.
  let tick: ReturnType<typeof tickerOf> | undefined
  const around = {
    me,
    blocked,
    tick(_: ChatId, seq: number) {
      tick ??= tickerOf(db, me, chat)
      return tick(seq)
    },
    reactions: reactionsOf(reactions, blocked),
  }
  return rows.map((row) => lineView(row, around))
}
