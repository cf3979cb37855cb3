import { type ChatId, parseChatId, parseHandle } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import { oneLine } from '../show/safe.ts'
import { byPrefix } from './prefix.ts'

/**
 * TO as the client takes it: the beginning of a chat's id, as tables show it, becomes the whole, and so does a group's
 * exact title that is no handle.
 */
export function wholeTo(client: Client, to: string): string {
  if (/^c_[0-9a-f]{6,63}$/.test(to)) return byPrefix(to, chatIds(client)) ?? to
  if (to === 'self' || parseHandle(to) !== undefined || parseChatId(to) !== undefined) return to
  return groupTitled(client, to) ?? to
}

/** What people call the chat of that TO: a group's title stands for its id. */
export function nameOfTo(client: Client, to: string): string {
  const whole = parseChatId(wholeTo(client, to))
  const title = whole === undefined ? '' : client.chats().find((chat) => chat.chat === whole)?.title
  return oneLine(title === undefined || title === '' ? to : title)
}

/** The chat meant by CHAT: its id, the beginning of it, or a group's exact title. Fails with `unknown-chat`. */
export function findChat(client: Client, text: string): ChatId {
  const whole = parseChatId(text)
  if (whole !== undefined) return whole
  const found = groupTitled(client, text) ?? byPrefix(text, chatIds(client))
  if (found !== undefined) return found
  throw new ClientError('unknown-chat', 'There is no such group. `quintet chats` shows what to write for each.')
}

/** The one group of that title; undefined when none or several have it. */
function groupTitled(client: Client, title: string): ChatId | undefined {
  const [only, another] = client.chats().filter((chat) => chat.kind === 'group' && chat.title === title)
  return another === undefined ? only?.chat : undefined
}

function chatIds(client: Client): readonly ChatId[] {
  return client.chats().map((chat) => chat.chat)
}
