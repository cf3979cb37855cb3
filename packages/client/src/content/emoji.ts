const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const pictographic = /\p{Extended_Pictographic}|^\p{Regional_Indicator}{2}$|^[0-9#*]\ufe0f?\u20e3$/u

/** True for exactly one emoji, however many code points it is made of. */
export function isEmoji(text: string): boolean {
  return text.length <= 64 && [...segmenter.segment(text)].length === 1 && pictographic.test(text)
}
