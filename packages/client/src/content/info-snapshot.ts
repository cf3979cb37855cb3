import type { AccountId, ChatId } from '@quintet/domain'
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

/** Whether somebody has come in since this account last wrote: it may have let them in, and not told them (M2). */
export function mayOweInfo(db: Database, chat: ChatId, account: AccountId): boolean {
  const row = db.get(
    `select 1 as one from member m join chat c on c.chat = m.chat
     where m.chat = ? and m.joined_seq > c.join_seq and not exists
       (select 1 from message t where t.chat = m.chat and t.account = ? and t.kind = 'text' and t.seq > m.joined_seq)`,
    chat,
    account,
  )
  return row !== undefined
}
