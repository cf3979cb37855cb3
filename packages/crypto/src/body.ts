import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { sameBytes } from '@quintet/domain'
import {
  type Body,
  BodySchema,
  create,
  fromBinary,
  type Header,
  type HeaderSchema,
  type MessageInitShape,
  SealedSchema,
  toBinary,
} from '@quintet/wire'
import { padSealed } from './padding.ts'

/** What goes into an application message, and by what it is named. */
export interface SealedBody {
  /** Padded (R7), for the MLS engine to encrypt with `entryId` as authenticated data. */
  readonly plaintext: Uint8Array
  readonly entryId: Uint8Array
  /** kf: 32 bytes. */
  readonly bodyKey: Uint8Array
}

export interface OpenedBody {
  readonly header: Header
  /** Its kind may be one that this code does not know; `bodyBytes` keeps it whole (M6). */
  readonly body: Body
  readonly bodyBytes: Uint8Array
  readonly bodyKey: Uint8Array
  readonly entryId: Uint8Array
}

/** The commitment that names a body: HMAC-SHA256(kf, body) (H1). */
export function entryIdOf(bodyKey: Uint8Array, body: Uint8Array): Uint8Array {
  return hmac(sha256, bodyKey, body)
}

/** Lays out a body for encryption under a new body key. `body` may be already encoded, to be sent unchanged again. */
export function sealBody(input: {
  readonly header: MessageInitShape<typeof HeaderSchema>
  readonly body: MessageInitShape<typeof BodySchema> | Uint8Array
  readonly random: { bytes(length: number): Uint8Array }
}): SealedBody {
  const body = input.body instanceof Uint8Array ? input.body : toBinary(BodySchema, create(BodySchema, input.body))
  return layOut(input.header, body, input.random.bytes(32))
}

/** The same body under the same key, and so with the same entry id, with a new header: after a lost race (R3). */
export function resealBody(
  header: MessageInitShape<typeof HeaderSchema>,
  body: Uint8Array,
  bodyKey: Uint8Array,
): SealedBody {
  return layOut(header, body, bodyKey)
}

/** Reads a decrypted message; `malformed` also when the body is not the one that `aad` commits to. */
export function openBody(plaintext: Uint8Array, aad: Uint8Array): OpenedBody | 'malformed' {
  try {
    const { header, body, bodyKey } = fromBinary(SealedSchema, plaintext)
    if (header === undefined || bodyKey.length !== 32 || header.n === 0n) return 'malformed'
    if (!sameBytes(entryIdOf(bodyKey, body), aad)) return 'malformed'
    return { header, body: fromBinary(BodySchema, body), bodyBytes: body, bodyKey, entryId: aad }
  } catch {
    return 'malformed'
  }
}

function layOut(header: MessageInitShape<typeof HeaderSchema>, body: Uint8Array, bodyKey: Uint8Array): SealedBody {
  const sealed = toBinary(SealedSchema, create(SealedSchema, { header, body, bodyKey }))
  return { plaintext: padSealed(sealed), entryId: entryIdOf(bodyKey, body), bodyKey }
}
