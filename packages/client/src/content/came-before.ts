import type { Database } from '../ports.ts'
import type { Arrived } from './arrived.ts'

/**
 * Whether this very message of this account stands in the chat that this one goes on with (C13): its sender could not
 * know whether it had come through when the chat before stopped, and sent it again.
 */
export function cameBefore(db: Database, { chat, id, account }: Pick<Arrived, 'chat' | 'id' | 'account'>): boolean {
  const row = db.get(
    `select 1 as one from message m join chat c on c.predecessor = m.chat
     where m.id = ? and c.chat = ? and m.account = ? and c.predecessor in (select chat from chat where successor = c.chat)`,
    id,
    chat,
    account,
  )
  return row !== undefined
}
