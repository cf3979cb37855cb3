import type { ChatId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { BodyInit } from './compose.ts'

/** What whoever adds somebody sends them (M2): how the group is called, and since which entry. Undefined when it has no name. */
export function infoSnapshotBody(db: Database, chat: ChatId): BodyInit | undefined {
  const row = db.get('select title, description, title_seq from chat where chat = ?', chat)
  if (row === undefined || numberOf(row, 'title_seq') === 0) return undefined
  const value = {
    title: textOf(row, 'title'),
    description: textOf(row, 'description'),
    snapshot: true,
    setSeq: BigInt(numberOf(row, 'title_seq')),
  }
  return { kind: { case: 'info', value } }
}
