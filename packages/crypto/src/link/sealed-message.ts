import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOf, concatBytes, type DeviceId, parseDeviceBytes } from '@quintet/domain'
import { type SignFn, verifySignature } from '@quintet/identity'
import { create, fromBinary, LinkDraftSchema, SignedBootstrapSchema, toBinary } from '@quintet/wire'
import { openSealed, type Sealed, sealTo } from '../seal.ts'

const none = new Uint8Array()

function draftInfo(transcript: Uint8Array): Uint8Array {
  return sha256(concatBytes(asciiBytes('quintet/draft'), transcript))
}

/** L7: what the bootstrap is bound to, so that it opens in this conversation about this log entry alone. */
function bootstrapInfo(transcript: Uint8Array, entryHash: Uint8Array): Uint8Array {
  return sha256(concatBytes(transcript, entryHash))
}

/** What a device signs of a bootstrap: bound to the conversation that it goes into. */
function linkBootstrapMessage(transcript: Uint8Array, bootstrap: Uint8Array): Uint8Array {
  return concatBytes(asciiBytes('quintet/bootstrap/v1\0'), transcript, bootstrap)
}

/** A log body for the new device to look at and countersign (L5). */
export function sealDraft(pkN: Uint8Array, transcript: Uint8Array, body: Uint8Array): Promise<Sealed> {
  return sealTo(pkN, draftInfo(transcript), none, toBinary(LinkDraftSchema, create(LinkDraftSchema, { body })))
}

/** The log body; undefined when it is none that was sealed in this conversation. */
export async function openDraft(
  secretN: Uint8Array,
  transcript: Uint8Array,
  sealed: Sealed,
): Promise<Uint8Array | undefined> {
  const bytes = await openSealed(secretN, draftInfo(transcript), none, sealed)
  return bytes && parsed(() => fromBinary(LinkDraftSchema, bytes).body)
}

/** Signs and seals a bootstrap for the device that `entryHash` added. Only after that entry was read back (L6). */
export async function sealBootstrap(input: {
  readonly pkN: Uint8Array
  readonly transcript: Uint8Array
  readonly entryHash: Uint8Array
  readonly bootstrap: Uint8Array
  readonly device: DeviceId
  readonly sign: SignFn
}): Promise<Sealed> {
  const { pkN, transcript, entryHash, bootstrap, device, sign } = input
  const signature = await sign(linkBootstrapMessage(transcript, bootstrap))
  const signed = create(SignedBootstrapSchema, { bootstrap, device: bytesOf(device), signature })
  return sealTo(pkN, bootstrapInfo(transcript, entryHash), none, toBinary(SignedBootstrapSchema, signed))
}

/** The bootstrap's bytes; undefined unless `approver` signed it in this conversation, about this entry. */
export async function openBootstrap(input: {
  readonly secretN: Uint8Array
  readonly transcript: Uint8Array
  readonly entryHash: Uint8Array
  readonly sealed: Sealed
  readonly approver: { readonly device: DeviceId; readonly logKey: Uint8Array }
}): Promise<Uint8Array | undefined> {
  const { secretN, transcript, entryHash, sealed, approver } = input
  const bytes = await openSealed(secretN, bootstrapInfo(transcript, entryHash), none, sealed)
  const signed = bytes && parsed(() => fromBinary(SignedBootstrapSchema, bytes))
  if (signed === undefined || parseDeviceBytes(signed.device) !== approver.device) return undefined
  const message = linkBootstrapMessage(transcript, signed.bootstrap)
  return verifySignature(approver.logKey, message, signed.signature) ? signed.bootstrap : undefined
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
