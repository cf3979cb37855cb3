import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { randomBytes } from '@noble/ciphers/utils.js'
import { concatBytes } from '@quintet/domain'

const nonceBytes = 24

/** Seals what passes through and is never stored (R8): XChaCha20-Poly1305 under a 32-byte key, nonce (random) ‖ ciphertext. */
export function sealEphemeral(key: Uint8Array, aad: Uint8Array, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  return concatBytes(nonce, xchacha20poly1305(key, nonce, aad).encrypt(bytes))
}

/** Undefined when it was not sealed with this key and `aad`, or was changed. */
export function openEphemeral(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, sealed.subarray(0, nonceBytes), aad).decrypt(sealed.subarray(nonceBytes))
  } catch {
    return undefined
  }
}
