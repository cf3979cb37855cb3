import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { arrivedEvents } from './announce.ts'
import type { Arrived } from './arrived.ts'
import type { ChatRow } from './chat-row.ts'
import { drop } from './drop.ts'
import { insertMessage } from './insert.ts'
import { settle } from './settle.ts'

/** A kind of a later version: its bytes are kept, a line says that the app is too old for it (M6). */
export function applyUnknown(db: Database, me: Me, chat: ChatRow, arrived: Arrived): readonly ClientEvent[] {
  const line = { kind: 'unknown', text: undefined, replyTo: undefined } as const
  if (!insertMessage(db, me, arrived, line)) return drop(db, chat.chat, 'doubled-id')
  settle(db, me, chat.chat, arrived.id)
  return arrivedEvents(db, me, arrived)
}
