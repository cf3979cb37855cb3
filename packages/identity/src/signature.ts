import { ed25519 } from '@noble/curves/ed25519.js'

/** Signs a whole message with Ed25519. The key may live where nobody can read it (WebCrypto), so it is awaited. */
export type SignFn = (message: Uint8Array) => Promise<Uint8Array>

/**
 * Whether an Ed25519 signature fits. Never throws, and never says yes where `verifySignature` says no: who checks
 * what another let pass must come to the same (D3).
 */
export type VerifyFn = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** Signs with a 32-byte secret held in memory. */
export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  return ed25519.sign(message, secret)
}

/** A signer over a 32-byte secret held in memory. */
export function ed25519Signer(secret: Uint8Array): SignFn {
  return (message) => Promise.resolve(ed25519Sign(message, secret))
}

/** The public half of a 32-byte secret. */
export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secret)
}

/**
 * True iff the Ed25519 signature fits (RFC 8032, strict: no small-order keys, no non-canonical encodings).
 *
 * Never throws: bytes of a wrong length are a wrong signature.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}
