import type { AccountId, ChatId, MessageId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { accountOf, numberOf, textOf } from '../store/row.ts'

/** The message that an action is about. */
export interface Target {
  readonly row: number
  readonly seq: number
  readonly at: number
  readonly account: AccountId
  readonly kind: string
  readonly text: string | undefined
  readonly deleted: boolean
}

/** Undefined while it has not come. A message is named by chat and id together (M1). */
export function targetOf(db: Database, chat: ChatId, id: MessageId): Target | undefined {
  const row = db.get(
    'select row, seq, at, account, kind, text, deleted_by from message where id = ? and chat = ?',
    id,
    chat,
  )
  if (row === undefined) return undefined
  return {
    row: numberOf(row, 'row'),
    seq: numberOf(row, 'seq'),
    at: numberOf(row, 'at'),
    account: accountOf(row, 'account'),
    kind: textOf(row, 'kind'),
    text: row['text'] === null ? undefined : textOf(row, 'text'),
    deleted: row['deleted_by'] !== null,
  }
}
