import { wordlist } from '@scure/bip39/wordlists/english.js'

/**
 * The first `count` × 11 bits of `bits` as words of the BIP-39 English list (2,048 words), the highest bit first.
 *
 * Only for showing bits to people: no checksum is in it.
 */
export function wordsOfBits(bits: Uint8Array, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    let index = 0
    for (let bit = 11 * at; bit < 11 * (at + 1); bit++) {
      index = (index << 1) | (((bits[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1)
    }
    return wordlist[index] ?? ''
  })
}
