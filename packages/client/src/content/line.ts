import type { ChatId, Tick } from '@quintet/domain'
import { parseMessageId } from '@quintet/domain'
import type { MessageView } from '../api.ts'
import type { Row } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { chatOf, deviceOf, messageOf, numberOf, optionalText, textOf } from '../store/row.ts'

/** The columns that a line needs, of `message m left join account a`. */
export const lineColumns =
  'm.chat, m.seq, m.id, m.account, m.device, m.at, m.kind, m.text, m.reply_to, m.edited_at, m.deleted_by, a.handle'

/** What stands around a line: computed once for all lines of a page. */
export interface Surroundings {
  readonly me: Me
  readonly blocked: ReadonlySet<string>
  readonly tick: (chat: ChatId, seq: number) => Tick
  readonly reactions: ReactionsOf
}

export type ReactionsOf = (chat: string, message: string) => Readonly<Record<string, readonly string[]>>

/** One row of a thread, as everybody sees it. */
export function lineView(row: Row, around: Surroundings): MessageView {
  const chat = chatOf(row, 'chat')
  const id = messageOf(row, 'id')
  const seq = numberOf(row, 'seq')
  const account = textOf(row, 'account')
  const replyTo = optionalText(row, 'reply_to')
  return {
    chat,
    seq,
    id,
    at: new Date(numberOf(row, 'at')).toISOString(),
    from: optionalText(row, 'handle') ?? account,
    device: deviceOf(row, 'device'),
    text: optionalText(row, 'text'),
    tick: account === around.me.account ? around.tick(chat, seq) : undefined,
    edited: row['edited_at'] !== null,
    deleted: row['deleted_by'] !== null,
    replyTo: replyTo === undefined ? undefined : parseMessageId(replyTo),
    reactions: around.reactions(chat, id),
    unknown: textOf(row, 'kind') === 'unknown',
    ...(around.blocked.has(account) ? { folded: true } : {}),
  }
}

/** Groups rows `(chat, message, emoji, account, handle)`, in their order, by message and emoji. */
export function reactionsOf(rows: readonly Row[], blocked: ReadonlySet<string>): ReactionsOf {
  const byMessage = new Map<string, Map<string, string[]>>()
  for (const row of rows) {
    const account = textOf(row, 'account')
    if (blocked.has(account)) continue
    const message = `${textOf(row, 'chat')} ${textOf(row, 'message')}`
    const emoji = textOf(row, 'emoji')
    const emojis = byMessage.get(message) ?? new Map<string, string[]>()
    emojis.set(emoji, [...(emojis.get(emoji) ?? []), optionalText(row, 'handle') ?? account])
    byMessage.set(message, emojis)
  }
  return (chat, message) => Object.fromEntries(byMessage.get(`${chat} ${message}`) ?? [])
}
