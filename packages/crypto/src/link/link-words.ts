import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes } from '@quintet/domain'
import { wordsOfBits } from '../words.ts'
import { lengthPrefixed } from './transcript.ts'

/** What decoys and their order are drawn from. */
export interface RandomBytes {
  bytes(length: number): Uint8Array
}

/**
 * The four words that both screens show: the first 44 bits of
 * SHA-256("quintet/words" ‖ offer id ‖ commit ‖ Hello ‖ Reveal), where each of the four parts has its length before it
 * (4 bytes, big endian), and Hello and Reveal are the whole link messages as they were sent (L2).
 */
export function linkWords(
  offer: Uint8Array,
  commit: Uint8Array,
  hello: Uint8Array,
  reveal: Uint8Array,
): readonly string[] {
  return wordsOfBits(sha256(lengthPrefixed(asciiBytes('quintet/words'), [offer, commit, hello, reveal])), 4)
}

export interface WordChoices {
  /** Four lists of four words, all different. */
  readonly choices: readonly (readonly string[])[]
  /** Where the right one stands among them. */
  readonly right: number
}

/** Hides the right words among three others (L3), so that who approves has to have looked at the other screen. */
export function wordChoices(words: readonly string[], random: RandomBytes): WordChoices {
  const choices: (readonly string[])[] = []
  while (choices.length < 3) {
    const decoy = wordsOfBits(random.bytes(6), 4)
    // No word in common at the same place: one glance at any of the four has to tell them apart.
    if ([words, ...choices].every((other) => other.every((word, at) => word !== decoy[at]))) choices.push(decoy)
  }
  const right = (random.bytes(1)[0] ?? 0) & 3
  choices.splice(right, 0, words)
  return { choices, right }
}
