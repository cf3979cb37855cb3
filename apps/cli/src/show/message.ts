import type { MessageView } from '@quintet/client-node'
import type { Paint } from './paint.ts'
import { oneLine, safe } from './safe.ts'
import { shortId } from './short-id.ts'
import { dayOf, timeOfDay } from './time.ts'
import { cut, pad, widthOf } from './width.ts'
import { list } from './words.ts'

/** What a message says, or what stands in its place. */
export function bodyOf(message: MessageView): string {
  if (message.deleted) return 'deleted'
  if (message.folded === true) return 'from somebody you blocked'
  if (message.unknown) return 'Your app is too old for this. Update it to see it.'
  return safe(message.text ?? '')
}

/** The mark beside one's own message. */
function tickMark(paint: Paint, message: MessageView): string {
  switch (message.tick) {
    case undefined:
      return ''
    case 'pending':
      return paint.attention('waiting for network')
    case 'sent':
      return paint.quiet('✓ sent')
    case 'delivered':
      return paint.quiet('✓✓ delivered')
    case 'read':
      return paint.calm('✓✓ read')
  }
}

/** A thread, oldest first: a heading for each day, then time, writer, words; what belongs to a message stands below it. */
export function thread(paint: Paint, messages: readonly MessageView[], nowMs: number): string {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const width = Math.min(16, Math.max(...messages.map((message) => widthOf(safe(message.from)))))
  const lines: string[] = []
  let day = ''
  for (const message of messages) {
    const today = dayOf(message.at, nowMs)
    if (today !== day) lines.push(...(day === '' ? [] : ['']), paint.quiet(today))
    day = today
    lines.push(...messageLines(paint, message, width, byId))
  }
  return lines.join('\n')
}

function messageLines(
  paint: Paint,
  message: MessageView,
  width: number,
  byId: ReadonlyMap<string, MessageView>,
): readonly string[] {
  const isOwn = message.tick !== undefined
  const name = pad(cut(safe(message.from), width), width)
  const indent = ' '.repeat(7 + width + 2)
  const marks = [message.edited && !message.deleted ? paint.quiet('edited') : '', tickMark(paint, message)]
  const body = bodyOf(message).split('\n')
  const isQuiet = message.deleted || message.unknown || message.folded === true
  const text = isQuiet ? body.map((line) => paint.quiet(line)) : body
  const end = [...marks.filter((mark) => mark !== ''), paint.quiet(shortId(message.id))].join(' · ')
  const lines = text.map((line, at) =>
    at === 0
      ? `${paint.quiet(timeOfDay(message.at))}  ${isOwn ? paint.accent(name) : paint.strong(name)}  ${line}`
      : indent + line,
  )
  const last = lines.length - 1
  lines[last] = `${lines[last] ?? ''}  ${end}`
  if (message.replyTo !== undefined) {
    const target = byId.get(message.replyTo)
    const quote =
      target === undefined ? shortId(message.replyTo) : `${safe(target.from)}: ${cut(oneLine(bodyOf(target)), 40)}`
    lines.unshift(`${indent}${paint.quiet(`╭ ${quote}`)}`)
  }
  const reactions = Object.entries(message.reactions).filter(([, people]) => people.length > 0)
  if (reactions.length > 0) {
    lines.push(
      indent + reactions.map(([emoji, people]) => `${safe(emoji)} ${paint.quiet(list(people.map(safe)))}`).join('  '),
    )
  }
  return lines
}
