import { sha256 } from '@noble/hashes/sha2.js'
import { type AccountId, asciiBytes, concatBytes, parseAccountBytes } from '@quintet/domain'
import { create, type LogEntry, LogEntrySchema } from '@quintet/wire'
import { must } from './assert.ts'
import type { SignFn } from './signature.ts'

const prefix = asciiBytes('quintet/devlog/v1\0')

/** What a signer and an added device sign: the prefix and the body exactly as it stands (D1). */
export function logMessage(body: Uint8Array): Uint8Array {
  return concatBytes(prefix, body)
}

/** The signature, or countersignature, of a body. */
export function signBody(body: Uint8Array, sign: SignFn): Promise<Uint8Array> {
  return sign(logMessage(body))
}

/** Puts an entry together. Only an `add` has a countersignature (D4). */
export function assembleEntry(body: Uint8Array, signature: Uint8Array, countersignature?: Uint8Array): LogEntry {
  return create(LogEntrySchema, { body, signature, ...(countersignature && { countersignature }) })
}

/** SHA-256 of the whole entry; the next entry names it as `previous` (D3). */
export function entryHash(entry: LogEntry): Uint8Array {
  return sha256(concatBytes(prefix, entry.body, entry.signature, entry.countersignature))
}

/** The account that a genesis begins: SHA-256 of its body (D2). Whether it is a valid one is for `extendLog` to say. */
export function accountIdOf(genesis: LogEntry): AccountId {
  return must(parseAccountBytes(sha256(concatBytes(prefix, genesis.body))), 'SHA-256 gives 32 bytes')
}
