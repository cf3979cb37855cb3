import { parseMessageBytes } from '@quintet/domain'
import type { Text } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { arrivedEvents } from './announce.ts'
import type { Arrived } from './arrived.ts'
import { cameBefore } from './came-before.ts'
import type { ChatRow } from './chat-row.ts'
import { drop } from './drop.ts'
import { insertMessage } from './insert.ts'
import { isText } from './limits.ts'
import { settle } from './settle.ts'

/** A message. What was said about it before it came is applied at once (M1). */
export function applyText(db: Database, me: Me, chat: ChatRow, arrived: Arrived, text: Text): readonly ClientEvent[] {
  if (!isText(text.text)) return drop(db, chat.chat, 'malformed')
  const replyTo = parseMessageBytes(text.replyTo)
  if (cameBefore(db, arrived)) return []
  if (!insertMessage(db, me, arrived, { kind: 'text', text: text.text, replyTo }))
    return drop(db, chat.chat, 'doubled-id')
  settle(db, me, chat.chat, arrived.id)
  return arrivedEvents(db, me, arrived)
}
