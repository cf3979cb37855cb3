import type { ChatId, MessageId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { applyAction } from './action.ts'
import { takeWaiting } from './waiting.ts'

/** Does what waited for a message that is here now, in the order in which it was done. Its own event shows the result. */
export function settle(db: Database, me: Me, chat: ChatId, id: MessageId): void {
  for (const action of takeWaiting(db, chat, id)) applyAction(db, me, action)
}
