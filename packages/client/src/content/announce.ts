import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import type { Arrived } from './arrived.ts'
import { messageView } from './message-view.ts'
import { tickerOf } from './ticker.ts'

/** Tells of a new line. What this very device wrote was on its screen already: there only the tick moves. */
export function arrivedEvents(db: Database, me: Me, arrived: Arrived): readonly ClientEvent[] {
  const { chat, id } = arrived
  if (arrived.device === me.device) return [{ event: 'tick', chat, id, tick: tickerOf(db, me, chat)(arrived.seq) }]
  const message = messageView(db, me, chat, id)
  return message === undefined ? [] : [{ event: 'message', message }]
}
