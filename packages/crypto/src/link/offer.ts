import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOfHex, concatBytes, hexOf } from '@quintet/domain'
import { create, fromBinary, OfferSchema, toBinary } from '@quintet/wire'

/** What the new device shows (L1). `commit` fixes its one-time key before anybody answers. */
export interface LinkOffer {
  /** 16 random bytes. */
  readonly offer: Uint8Array
  /** 32 bytes. */
  readonly commit: Uint8Array
  /** The relay's origin: `https://chat.example.org`. */
  readonly relay: string
}

const scheme = 'quintet:link?o='

/** Scheme, name or address in brackets, port: nothing in it means anything else to whoever shows or opens it. */
const origin = /^https?:\/\/([\p{L}\p{N}._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/u

/** SHA-256("quintet/offer" ‖ pkN ‖ rN). */
export function offerCommitment(pkN: Uint8Array, rN: Uint8Array): Uint8Array {
  return sha256(concatBytes(asciiBytes('quintet/offer'), pkN, rN))
}

/** What the QR code holds, or a person sends: `quintet:link?o=` and the Offer in hex. */
export function offerText({ offer, commit, relay }: LinkOffer): string {
  return scheme + hexOf(toBinary(OfferSchema, create(OfferSchema, { version: 1, offer, commit, relay })))
}

/** Undefined for anything that is not such an offer of version 1. */
export function parseOffer(text: string): LinkOffer | undefined {
  const folded = text.trim().toLowerCase()
  const hex = folded.slice(scheme.length)
  if (!folded.startsWith(scheme) || hex.length % 2 !== 0 || !/^[0-9a-f]{2,1024}$/.test(hex)) return undefined
  try {
    const { version, offer, commit, relay } = fromBinary(OfferSchema, bytesOfHex(hex))
    const whole = version === 1 && offer.length === 16 && commit.length === 32 && origin.test(relay)
    return whole ? { offer, commit, relay } : undefined
  } catch {
    return undefined
  }
}
