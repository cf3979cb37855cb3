import type { ChatView, Client, ClientEvent, MessageView } from '@quintet/client-node'
import { titleOf } from './chat.ts'
import { chatLine } from './chat-line.ts'
import { bodyOf } from './message.ts'
import type { Paint } from './paint.ts'
import { oneLine, safe } from './safe.ts'
import { shortId } from './short-id.ts'
import { timeOfDay } from './time.ts'
import { list } from './words.ts'

/**
 * Tells events in lines for people; `undefined` where there is nothing that they would see changed.
 *
 * Remembers what chats are called and who is in them, since a busy group asks often.
 */
export function eventLines(client: Client, paint: Paint): (event: ClientEvent) => string | undefined {
  const look = () => new Map<string, ChatView>(client.chats().map((one) => [one.chat, one]))
  let chats = look()
  const place = (chat: string): string => {
    if (!chats.has(chat)) chats = look()
    const view = chats.get(chat)
    return view === undefined || view.kind === 'direct' ? '' : titleOf(view)
  }
  const head = (message: MessageView) => {
    const title = place(message.chat)
    const from = message.tick === undefined ? paint.strong(safe(message.from)) : paint.accent(safe(message.from))
    return `${paint.quiet(timeOfDay(message.at))}  ${from}${title === '' ? '' : paint.quiet(` in ${title}`)}`
  }
  const chatEvent = (event: Extract<ClientEvent, { event: 'chat' }>) => {
    const before = chats.get(event.chat)
    chats = look()
    const after = chats.get(event.chat)
    const line = after && chatLine(event.change, before ?? after, after)
    return line === undefined ? undefined : paint.quiet(line)
  }
  return (event) => {
    switch (event.event) {
      case 'message':
        return `${head(event.message)}  ${bodyOf(event.message)}  ${paint.quiet(shortId(event.message.id))}`
      case 'edit':
        return `${head(event.message)}  ${bodyOf(event.message)}  ${paint.quiet('edited')}`
      case 'delete':
        return `${head(event.message)}  ${paint.quiet('deleted')}`
      case 'reaction':
        return `${head(event.message)}  ${paint.quiet(oneLine(bodyOf(event.message)))}  ${reactionsOf(event.message)}`
      case 'tick':
        return paint.quiet(`${event.tick}  ${shortId(event.id)}`)
      case 'typing':
        return paint.quiet(`${safe(event.from)} ${event.on ? 'is writing…' : 'stopped writing'}`)
      case 'chat':
        return chatEvent(event)
      case 'device':
        return paint.attention(deviceLine(event.change))
      case 'state':
        if (event.sentence !== undefined) return paint.attention(event.sentence)
        return event.connected
          ? paint.calm('Connected.')
          : paint.attention('You are offline. What you write goes out when you are back.')
    }
  }
}

function reactionsOf(message: MessageView): string {
  const given = Object.entries(message.reactions).filter(([, people]) => people.length > 0)
  return given.length === 0
    ? 'no reactions'
    : given.map(([emoji, people]) => `${safe(emoji)} ${list(people.map(safe))}`).join('  ')
}

type DeviceChange = Extract<ClientEvent, { event: 'device' }>['change']
function deviceLine(change: DeviceChange): string {
  switch (change) {
    case 'added':
      return 'A device was added to your account. If that was not you: quintet devices, then quintet unlink.'
    case 'removed':
      return 'A device was taken out of your account.'
    case 'main':
      return 'Another device is your main one now.'
    case 'rights':
      return 'Who may manage your devices changed: quintet devices'
    case 'recovery':
      return 'Your account has a new recovery kit.'
    case 'renamed':
      return 'A device of yours has a new name.'
  }
}
