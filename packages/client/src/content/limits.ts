import { maxTextBytes } from '@quintet/wire'

/** How long its author may edit a message, by relay time, ms (M1). */
export const editWindowMs = 24 * 60 * 60 * 1000
/** A title or a shown name: UTF-8 bytes. */
export const maxNameBytes = 512
const maxEmojiBytes = 64

const encoder = new TextEncoder()

/** What is wrong with words of a person, if anything. */
export function sizeFault(words: string, maxBytes: number): 'empty' | 'too-large' | undefined {
  if (words.trim() === '') return 'empty'
  // No letter takes more than three bytes per UTF-16 unit, so short ones need no encoding.
  return words.length * 3 > maxBytes && encoder.encode(words).length > maxBytes ? 'too-large' : undefined
}

export function isText(words: string): boolean {
  return sizeFault(words, maxTextBytes) === undefined
}

export function isName(words: string): boolean {
  return sizeFault(words, maxNameBytes) === undefined
}

/**
 * What may stand as a reaction when it comes from others: short, without blanks and invisible controls.
 *
 * Looser than `isEmoji`: their system may know newer emoji than ours.
 */
export function isReaction(emoji: string): boolean {
  return sizeFault(emoji, maxEmojiBytes) === undefined && !/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(emoji)
}
