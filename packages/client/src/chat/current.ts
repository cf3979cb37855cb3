import type { ChatId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { chatOf } from '../store/row.ts'

/** The chat that a conversation goes on in: this one, or the last of its successors (C13). */
export function currentOf(db: Database, chat: ChatId): ChatId {
  const row = db.get('select successor from chat where chat = ? and successor is not null', chat)
  return row === undefined ? chat : currentOf(db, chatOf(row, 'successor'))
}
