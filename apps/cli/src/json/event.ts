import type { ClientEvent } from '@quintet/client-node'
import { messageJson } from './message.ts'

/** What `listen` prints for scripts: a message's fields beside the event, everything else as it is. */
export function eventJson(event: ClientEvent): object {
  switch (event.event) {
    case 'message':
    case 'edit':
    case 'delete':
    case 'reaction':
      return { event: event.event, ...messageJson(event.message) }
    case 'tick':
      return { event: 'tick', chat: event.chat, id: event.id, tick: event.tick }
    case 'typing':
      return { event: 'typing', chat: event.chat, from: event.from, on: event.on }
    case 'device':
      return { event: 'device', change: event.change, device: event.device ?? null, by: event.by ?? null }
    case 'chat':
      return { event: 'chat', chat: event.chat, change: event.change }
    case 'state':
      return {
        event: 'state',
        connected: event.connected,
        ...(event.code === undefined ? {} : { error: event.code }),
        ...(event.sentence === undefined ? {} : { message: event.sentence }),
      }
  }
}
