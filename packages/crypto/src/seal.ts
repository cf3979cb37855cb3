import { Aes128Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'

/** An X-Wing pair: public key 1,216 bytes, private key a 32-byte seed. */
export interface SealKeyPair {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/** What `sealTo` gives: the encapsulated key (1,120 bytes) and the ciphertext (plaintext + 16 bytes). */
export interface Sealed {
  readonly enc: Uint8Array
  readonly ciphertext: Uint8Array
}

/** HPKE (RFC 9180), base mode: X-Wing, HKDF-SHA256, AES-128-GCM. */
const kem = new XWing()
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes128Gcm() })

/** The pair of a 32-byte seed, which is the private key; a random one without. */
export function newSealKeyPair(seed?: Uint8Array): SealKeyPair {
  const pair = ml_kem768_x25519.keygen(seed)
  return { publicKey: pair.publicKey, privateKey: pair.secretKey }
}

/**
 * Seals for one key, once. The opener must name the same `info` and `aad`; neither travels.
 *
 * Rejects when `publicKey` is no X-Wing key: one that came from outside has had its length checked.
 */
export async function sealTo(
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const recipientPublicKey = await kem.deserializePublicKey(publicKey.slice())
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: info.slice() }, plaintext.slice(), aad.slice())
  return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) }
}

/** The plaintext; undefined when it was not sealed to this key with this `info` and `aad`, or was changed. */
export async function openSealed(
  privateKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Sealed,
): Promise<Uint8Array | undefined> {
  try {
    const recipientKey = await kem.deserializePrivateKey(privateKey.slice())
    const context = { recipientKey, enc: sealed.enc.slice(), info: info.slice() }
    return new Uint8Array(await suite.open(context, sealed.ciphertext.slice(), aad.slice()))
  } catch {
    return undefined
  }
}
