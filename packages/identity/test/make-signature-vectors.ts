import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { writeFileSync } from 'node:fs'
import { hexOf } from '@quintet/domain'
import { verifySignature } from '../src/index.ts'

/** Writes protocol/vectors/signatures.json anew: `node packages/identity/test/make-signature-vectors.ts`. */
const { Point } = ed25519
const { BASE } = Point
const order = Point.Fn.ORDER
const prime = Point.Fp.ORDER

/** Of order 8: the part that mixed keys and nonces have besides the large one. */
const twist = (() => {
  for (let y = 2n; y < 100n; y++) {
    const bytes = littleEndian(y)
    try {
      const any = Point.fromBytes(bytes)
      const point = any.multiplyUnsafe(order - 1n).add(any)
      if (!point.multiplyUnsafe(4n).is0()) return point
    } catch {
      // No point has that y.
    }
  }
  throw new RangeError('half of all numbers are the y of a point')
})()

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)
}

const say = (text: string): Uint8Array => new TextEncoder().encode(text)
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))
const challengeOf = (nonce: Uint8Array, key: Uint8Array, message: Uint8Array): bigint =>
  numberOf(sha512(joined(nonce, key, message))) % order

interface Case {
  readonly name: string
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}
const cases: Case[] = []

const secret = Uint8Array.from({ length: 32 }, (_, at) => at + 1)
const key = ed25519.getPublicKey(secret)
const message = say('Quintet')
const signature = ed25519.sign(message, secret)
cases.push({ name: 'a plain signature', key, message, signature })
cases.push({ name: 'another message', key, message: say('quintet'), signature })
const beyond = littleEndian(numberOf(signature.subarray(32)) + order)
cases.push({ name: 's beyond the order', key, message, signature: joined(signature.subarray(0, 32), beyond) })

/** Every way to write a point of small order, proper or not. */
const small = Array.from({ length: 8 }, (_, times) => (times === 0 ? Point.ZERO : twist.multiplyUnsafe(BigInt(times))))
const proper = small.map((point) => point.toBytes())
const improper = [0n, 1n, prime - 1n, prime, prime + 1n].flatMap((y) => {
  const bytes = littleEndian(y)
  const signed = Uint8Array.from(bytes)
  signed[31] = (signed[31] ?? 0) | 0x80
  return [bytes, signed]
})
const written = [...new Map([...proper, ...improper].map((bytes) => [hexOf(bytes), bytes])).values()]
for (const one of written) {
  // Anybody signs under such a key: where the challenge is a multiple of 8 the key plays no part.
  const [r, nonce] = [littleEndian(5n), BASE.multiply(5n).toBytes()]
  let at = 0
  while (challengeOf(nonce, one, say(`forged ${at}`)) % 8n !== 0n) at++
  const name = 'a key of small order'
  cases.push({ name, key: one, message: say(`forged ${at}`), signature: joined(nonce, r) })
}

/** Signs with parts of small order in the key and the nonce. */
function mixed(keyPart: bigint, noncePart: bigint, text: string): Case {
  const a = 1234567n
  const r = 7654321n
  const part = (times: bigint) => (times === 0n ? Point.ZERO : twist.multiplyUnsafe(times))
  const bytes = BASE.multiply(a).add(part(keyPart)).toBytes()
  const nonce = BASE.multiply(r).add(part(noncePart)).toBytes()
  const s = (r + challengeOf(nonce, bytes, say(text)) * a) % order
  const name = `a part of small order in ${keyPart === 0n ? 'the nonce' : noncePart === 0n ? 'the key' : 'both'}`
  return { name, key: bytes, message: say(text), signature: joined(nonce, littleEndian(s)) }
}
for (let at = 0; at < 16; at++) cases.push(mixed(1n, 0n, `key ${at}`))
for (let at = 0; at < 4; at++) cases.push(mixed(0n, BigInt(at + 1), `nonce ${at}`))
for (let at = 0; at < 16; at++) cases.push(mixed(3n, 5n, `both ${at}`))

const about =
  'Ed25519 signatures that verifiers judge differently. `valid` is what the devices say (RFC 8032 with the cofactor, strict encodings, no keys of small order); a relay may refuse more, never take more. Those with a key of small order older versions of OpenSSL take. Bytes are hex.'
const vectors = cases.map((one) => ({
  name: one.name,
  key: hexOf(one.key),
  message: hexOf(one.message),
  signature: hexOf(one.signature),
  valid: verifySignature(one.key, one.message, one.signature),
}))
const path = new URL('../../../protocol/vectors/signatures.json', import.meta.url)
writeFileSync(path, `${JSON.stringify({ about, cases: vectors }, undefined, 1)}\n`)
