import { sha256 } from '@noble/hashes/sha2.js'
import { type AccountId, asciiBytes, bytesOf, compareBytes, concatBytes } from '@quintet/domain'
import { wordsOfBits } from './words.ts'

/**
 * Twelve words that two people compare (D13): 132 bits of SHA-256("quintet/safety/v1\0" ‖ lower id ‖ higher id).
 *
 * The same on both sides, and the same after any change of devices, since an account id is that of its first entry.
 */
export function safetyWords(a: AccountId, b: AccountId): readonly string[] {
  const [lower, higher] = [bytesOf(a), bytesOf(b)].sort(compareBytes)
  const label = asciiBytes('quintet/safety/v1\0')
  return wordsOfBits(sha256(concatBytes(label, lower ?? new Uint8Array(), higher ?? new Uint8Array())), 12)
}
