import { type ChatId, parseChatId } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import { byPrefix } from './prefix.ts'

/** TO as the client takes it: the beginning of a chat's id, as tables show it, becomes the whole. */
export function wholeTo(client: Client, to: string): string {
  if (!/^c_[0-9a-f]{6,63}$/.test(to)) return to
  return byPrefix(to, chatIds(client)) ?? to
}

/** The chat meant by CHAT: its id, the beginning of it, or a group's exact title. Fails with `unknown-chat`. */
export function findChat(client: Client, text: string): ChatId {
  const whole = parseChatId(text)
  if (whole !== undefined) return whole
  const titled = client.chats().filter((chat) => chat.kind === 'group' && chat.title === text)
  const [only] = titled
  if (titled.length === 1 && only !== undefined) return only.chat
  const found = byPrefix(text, chatIds(client))
  if (found !== undefined) return found
  throw new ClientError('unknown-chat', 'There is no such group. `quintet chats` shows what to write for each.')
}

function chatIds(client: Client): readonly ChatId[] {
  return client.chats().map((chat) => chat.chat)
}
