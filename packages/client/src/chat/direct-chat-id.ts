import { sha256 } from '@noble/hashes/sha2.js'
import {
  type AccountId,
  asciiBytes,
  bytesOf,
  type ChatId,
  compareBytes,
  concatBytes,
  parseChatBytes,
} from '@quintet/domain'
import { must } from '../assert.ts'

/** C2: one direct chat per pair of accounts, and per successor of it (C13). */
export function directChatId(a: AccountId, b: AccountId, generation = 0): ChatId {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, generation)
  const pair = [bytesOf(a), bytesOf(b)].sort(compareBytes)
  const digest = sha256(concatBytes(asciiBytes('quintet/direct/v1'), ...pair, number))
  return must(parseChatBytes(digest), 'a digest has 32 bytes')
}
