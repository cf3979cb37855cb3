import type { Paint } from './paint.ts'
import { pad, widthOf } from './width.ts'

/** Columns under quiet headings, two spaces apart; the last one is not filled up. */
export function table(paint: Paint, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) => Math.max(widthOf(heading), ...rows.map((row) => widthOf(row[at] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === cells.length - 1 ? cell : pad(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [paint.quiet(line(headings)), ...rows.map(line)].join('\n')
}

/** Names and values, the values in one column. */
export function pairs(paint: Paint, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => widthOf(name)))
  return rows.map(([name, value]) => `${paint.quiet(pad(name, width))}  ${value}`).join('\n')
}
