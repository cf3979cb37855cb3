// Made at first use: it takes longer than all the rest of a command that needs none.
let segmenter: Intl.Segmenter | undefined
const pictographic = /\p{Extended_Pictographic}|^\p{Regional_Indicator}{2}$|^[0-9#*]\ufe0f?\u20e3$/u

/** True for exactly one emoji, however many code points it is made of. */
export function isEmoji(text: string): boolean {
  if (text.length > 64 || !pictographic.test(text)) return false
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return [...segmenter.segment(text)].length === 1
}
