/**
 * The names of WebCrypto that the types of `@hpke/*` mention; Node's types leave them to the DOM's.
 *
 * No code here looks inside them.
 */
interface KeyAlgorithm {
  readonly name: string
}
interface HmacKeyGenParams extends KeyAlgorithm {
  readonly hash: string
}
type KeyUsage = string
interface CryptoKey {
  readonly algorithm: KeyAlgorithm
}
interface CryptoKeyPair {
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}
interface SubtleCrypto {
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>
}
interface Crypto {
  readonly subtle: SubtleCrypto
}
interface JsonWebKey {
  kty?: string
}
