import { parseChatId } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import { wholeTo } from './chat.ts'

/** The handle of the one person whom TO means: their handle, or the chat with them. */
export function personOf(client: Client, to: string): string {
  if (to === 'self') throw new ClientError('not-allowed', 'That is yourself. Name somebody else.')
  const whole = parseChatId(wholeTo(client, to))
  if (whole === undefined) return to
  const chat = client.chats().find((one) => one.chat === whole)
  if (chat === undefined)
    throw new ClientError('unknown-chat', 'There is no such chat on this device. `quintet chats` lists them.')
  const [handle] = chat.with
  if (chat.kind !== 'direct' || handle === undefined)
    throw new ClientError('not-allowed', 'That is no chat with one person. Name a person by their handle.')
  return handle
}
