import { type MessageId, parseMessageId } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import { byPrefix } from './prefix.ts'

/** How far back the beginning of an id is looked for. */
const newest = 1_000

/** The message meant, by its id or the beginning of it; `unknown-message` when none or several fit. */
export async function findMessage(client: Client, to: string, text: string): Promise<MessageId> {
  const whole = parseMessageId(text)
  if (whole !== undefined) return whole
  const chat = await client.find(to)
  const messages = chat === undefined ? [] : client.messages(chat, newest)
  const found = byPrefix(
    text,
    messages.map((message) => message.id),
  )
  if (found !== undefined) return found
  throw new ClientError('unknown-message', 'No message here has that id. `quintet messages` shows it after each one.')
}
