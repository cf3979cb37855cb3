import type { StatusView } from '../api.ts'
import type { Database } from '../ports.ts'
import { numberOf } from '../store/row.ts'

/** What waits to be sent, what is missing (holes in chats and in siblings' self state), which chats are not joined yet. */
export function statusCounts(db: Database): Pick<StatusView, 'outbox' | 'gaps' | 'chatsPending'> {
  const count = (sql: string): number => {
    const row = db.get(sql)
    return row === undefined ? 0 : numberOf(row, 'n')
  }
  return {
    outbox: count('select count(*) as n from outbox'),
    gaps: count('select count(*) as n from gap') + count('select count(distinct device) as n from self_held'),
    chatsPending: count("select count(*) as n from chat where state in ('creating', 'joining')"),
  }
}
