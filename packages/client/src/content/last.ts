import type { ChatId } from '@quintet/domain'
import type { MessageView } from '../api.ts'
import type { Database } from '../ports.ts'
import { settingOn } from '../selfstate/settings.ts'
import type { Me } from '../store/me.ts'
import { chatOf } from '../store/row.ts'
import { blockedSet } from './blocked-set.ts'
import { lineColumns, lineView, reactionsOf } from './line.ts'
import { lastPendingViews } from './pending.ts'
import { type Reached, ticker } from './ticker.ts'

const lastRows = `with last as materialized (
  select (select m.row from message m where m.chat = c.chat order by m.seq desc limit 1) as row from chat c
)`

/** The last line of each chat, in three queries for all of them. `others` are the members besides the own account. */
export function lastViews(
  db: Database,
  me: Me,
  others: (chat: ChatId) => readonly Reached[],
): ReadonlyMap<ChatId, MessageView> {
  const rows = db.all(
    `${lastRows} select ${lineColumns} from last join message m on m.row = last.row
     left join account a on a.account = m.account`,
  )
  const reactions = db.all(
    `${lastRows} select r.chat, r.message, r.emoji, r.account, a.handle from last join message m on m.row = last.row
     join reaction r on r.chat = m.chat and r.message = m.id left join account a on a.account = r.account
     where r.off = 0 order by r.seq`,
  )
  const blocked = blockedSet(db)
  const receipts = settingOn(db, 'read-receipts')
  const tick = (chat: ChatId, seq: number) => ticker(others(chat), receipts)(seq)
  const around = { me, blocked, tick, reactions: reactionsOf(reactions, blocked) }
  const last = new Map(rows.map((row) => [chatOf(row, 'chat'), lineView(row, around)]))
  for (const pending of lastPendingViews(db, me)) last.set(pending.chat, pending)
  return last
}
