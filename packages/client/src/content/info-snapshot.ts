import type { ChatId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { BodyInit } from './compose.ts'

/**
 * What whoever adds somebody sends them (M2): how the group is called, and since which entry; since 0, it was so called in
 * the log that this one goes on from (C13). Undefined when it has no name.
 */
export function infoSnapshotBody(db: Database, chat: ChatId): BodyInit | undefined {
  const row = db.get('select title, description, title_seq from chat where chat = ?', chat)
  if (row === undefined || textOf(row, 'title') === '') return undefined
  const value = {
    title: textOf(row, 'title'),
    description: textOf(row, 'description'),
    snapshot: true,
    setSeq: BigInt(numberOf(row, 'title_seq')),
  }
  return { kind: { case: 'info', value } }
}
