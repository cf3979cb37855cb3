import type { Paint } from './paint.ts'
import { pad } from './width.ts'

/** Twelve words, numbered, three beside each other, to be written down. */
export function numberedWords(paint: Paint, words: readonly string[]): string {
  const width = Math.max(...words.map((word) => word.length))
  const cells = words.map((word, at) => `${paint.quiet(String(at + 1).padStart(4))}  ${paint.strong(pad(word, width))}`)
  const lines: string[] = []
  for (let at = 0; at < cells.length; at += 3)
    lines.push(
      cells
        .slice(at, at + 3)
        .join('')
        .trimEnd(),
    )
  return lines.join('\n')
}

/** "2 messages", "1 message". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** "a, b and c". */
export function list(items: readonly string[]): string {
  if (items.length <= 1) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}
