import type { Client, ClientEvent, MessageView } from '@quintet/client-node'
import { titleOf } from './chat.ts'
import { bodyOf } from './message.ts'
import type { Paint } from './paint.ts'
import { oneLine, safe } from './safe.ts'
import { shortId } from './short-id.ts'
import { timeOfDay } from './time.ts'
import { list } from './words.ts'

/** Tells events in lines for people; remembers what chats are called, since a busy group asks often. */
export function eventLines(client: Client, paint: Paint): (event: ClientEvent) => string {
  let places = new Map<string, string>()
  const place = (chat: string): string => {
    if (!places.has(chat)) {
      places = new Map(client.chats().map((one) => [one.chat, one.kind === 'direct' ? '' : titleOf(one)]))
    }
    return places.get(chat) ?? ''
  }
  const head = (message: MessageView) => {
    const title = place(message.chat)
    const from = message.tick === undefined ? paint.strong(safe(message.from)) : paint.accent(safe(message.from))
    return `${paint.quiet(timeOfDay(message.at))}  ${from}${title === '' ? '' : paint.quiet(` in ${title}`)}`
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
        if (event.change !== 'held') places.delete(event.chat)
        return paint.quiet(chatLine(event.change, place(event.chat)))
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

type ChatChange = Extract<ClientEvent, { event: 'chat' }>['change']
function chatLine(change: ChatChange, title: string): string {
  const name = title === '' ? 'a chat' : title
  switch (change) {
    case 'new':
      return `New chat: ${name}`
    case 'members':
      return `Who is in ${name} changed`
    case 'info':
      return `${name} has a new name or description`
    case 'left':
      return `You are no longer in ${name}`
    case 'held':
      return `Nothing can be sent in ${name} just now: quintet chats says why`
    case 'request':
      return 'Somebody new wants to write to you: quintet chats'
  }
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
