import type { ChatView } from '@quintet/client-node'
import { parseHandle } from '@quintet/domain'
import { bodyOf } from './message.ts'
import type { Paint } from './paint.ts'
import { oneLine } from './safe.ts'
import { shortId } from './short-id.ts'
import { table } from './table.ts'
import { ago } from './time.ts'
import { cut, widthOf } from './width.ts'

/** What one writes as TO for this chat. */
function addressOf(chat: ChatView): string {
  switch (chat.kind) {
    case 'self':
      return 'self'
    case 'group':
      return shortId(chat.chat)
    case 'direct':
      // Somebody who is gone may never have been heard of by handle.
      return parseHandle(chat.with[0] ?? '') ?? shortId(chat.chat)
  }
}

export function titleOf(chat: ChatView): string {
  if (chat.title !== '') return oneLine(chat.title)
  return chat.kind === 'self' ? 'Notes to self' : addressOf(chat)
}

function lastLine(chat: ChatView): string {
  if (chat.last === undefined) return ''
  const writer =
    chat.last.tick !== undefined && chat.kind !== 'self' ? 'you: ' : chat.kind === 'group' ? `${chat.last.from}: ` : ''
  return oneLine(writer + bodyOf(chat.last))
}

/** The list of chats, as it came: newest first. */
export function chatTable(paint: Paint, columns: number, chats: readonly ChatView[], nowMs: number): string {
  const state = (chat: ChatView) => {
    if (chat.request) return paint.attention('request')
    if (chat.held !== undefined) return paint.attention('held')
    return chat.unread > 0 ? paint.accent(`${chat.unread} new`) : ''
  }
  const fixed = chats.map((chat) => [
    chat.unread > 0 ? paint.strong(cut(titleOf(chat), 24)) : cut(titleOf(chat), 24),
    paint.quiet(cut(oneLine(addressOf(chat)), 18)),
    state(chat),
    chat.last === undefined ? '' : ago(chat.last.at, nowMs),
  ])
  const headings = ['CHAT', 'TO', '', 'LAST', '']
  const taken = headings
    .slice(0, 4)
    .map((heading, at) => 2 + Math.max(widthOf(heading), ...fixed.map((cells) => widthOf(cells[at] ?? ''))))
  const room = Math.max(16, columns - taken.reduce((sum, width) => sum + width, 0))
  const rows = chats.map((chat, at) => [...(fixed[at] ?? []), cut(lastLine(chat), room)])
  const held = chats.flatMap((chat) => (chat.held === undefined ? [] : [`${titleOf(chat)}: ${chat.held}`]))
  return [table(paint, headings, rows), ...(held.length > 0 ? ['', ...held] : [])].join('\n')
}
