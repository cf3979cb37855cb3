import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, concatBytes } from '@quintet/domain'

/** The label, then each part with its length before it (4 bytes, big endian): no two lists of parts read alike. */
export function lengthPrefixed(label: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const framed = parts.flatMap((part) => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, part.length)
    return [length, part]
  })
  return concatBytes(label, ...framed)
}

/** SHA-256("quintet/transcript" ‖ offer id ‖ commit ‖ Hello ‖ Reveal), length-prefixed as for the words: the conversation that both sides had. */
export function transcriptHash(
  offer: Uint8Array,
  commit: Uint8Array,
  hello: Uint8Array,
  reveal: Uint8Array,
): Uint8Array {
  return sha256(lengthPrefixed(asciiBytes('quintet/transcript'), [offer, commit, hello, reveal]))
}
