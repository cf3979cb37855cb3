import type { Greeting } from '@quintet/wire'
import type { ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'

const heardOn = new WeakMap<Core, Greeting>()
const toldOf = new WeakMap<Core, Set<ChatId>>()

/** On this connection the relay has told where these chats stand, which are all, and the logs of everybody in them. */
export function noteHeard(core: Core, greeting: Greeting | undefined, chats: ReadonlySet<ChatId>): void {
  if (greeting === undefined) return
  heardOn.set(core, greeting)
  toldOf.set(core, new Set(chats))
}

/** This device was taken into a chat since, perhaps not for the first time: who is in it may have changed unheard before. */
export function noteAdded(core: Core, chat: ChatId): void {
  toldOf.get(core)?.delete(chat)
}

/** Whether this chat was among them. */
export function wasTold(core: Core, chat: ChatId): boolean {
  return hasHeard(core) && toldOf.get(core)?.has(chat) === true
}

/** Whether it has; from then on it tells of every change by itself. */
export function hasHeard(core: Core): boolean {
  const { greeting } = core.relay
  return greeting !== undefined && heardOn.get(core) === greeting
}
