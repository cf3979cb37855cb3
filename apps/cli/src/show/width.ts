// Made at first use: together they take longer than all the rest of a command that prints JSON.
let graphemes: Intl.Segmenter | undefined
let wide: RegExp | undefined
const escapes = new RegExp(`${'\u001b'}\\[[0-9;]*m`, 'g')

function segmentsOf(text: string): Iterable<{ readonly segment: string }> {
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return graphemes.segment(text)
}

function cellsOf(grapheme: string): number {
  wide ??=
    /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Regional_Indicator}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
  return wide.test(grapheme) ? 2 : 1
}

/** How many cells of a terminal the text takes; colours take none. */
export function widthOf(text: string): number {
  let cells = 0
  for (const { segment } of segmentsOf(text.replace(escapes, ''))) cells += cellsOf(segment)
  return cells
}

/** At most that many cells of an uncoloured text, whole characters, `…` where something is left out. */
export function cut(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text
  let kept = ''
  let left = cells - 1
  for (const { segment } of segmentsOf(text)) {
    left -= cellsOf(segment)
    if (left < 0) break
    kept += segment
  }
  return `${kept}…`
}

/** Filled with spaces up to that many cells. */
export function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)))
}
