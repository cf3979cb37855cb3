import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verifyEd25519 } from './verify-ed25519.ts'

interface Vector {
  readonly name: string
  readonly key: string
  readonly message: string
  readonly signature: string
  /** What the devices say. */
  readonly valid: boolean
}

const path = new URL('../../../protocol/vectors/signatures.json', import.meta.url)
const { cases }: { readonly cases: readonly Vector[] } = JSON.parse(readFileSync(path, 'utf8'))
const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const judge = ({ key, message, signature }: Vector): boolean =>
  verifyEd25519(bytes(key), bytes(message), bytes(signature))

describe('signatures that verifiers judge differently', () => {
  test('the relay takes none that devices refuse', () => {
    expect(cases.filter((one) => judge(one) && !one.valid)).toEqual([])
  })

  test('a key of small order, under which anybody can sign, is refused, whatever OpenSSL says of it', () => {
    const forged = cases.filter(({ name }) => name === 'a key of small order')
    expect(forged.length).toBeGreaterThanOrEqual(14)
    expect(forged.filter(judge)).toEqual([])
  })

  test('a plain signature is taken; of another message, or with s beyond the order, it is not', () => {
    const verdict = (name: string) => cases.filter((one) => one.name === name).map(judge)
    expect(verdict('a plain signature')).toEqual([true])
    expect(verdict('another message')).toEqual([false])
    expect(verdict('s beyond the order')).toEqual([false])
  })
})

test('whatever a device signs is taken, and nothing that differs from it by a bit', () => {
  for (let round = 0; round < 20; round++) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
    const message = new Uint8Array(randomBytes(round * 10))
    const signature = new Uint8Array(sign(null, message, privateKey))
    expect(verifyEd25519(key, message, signature)).toBe(true)
    const [at, bit] = [(round * 7) % 64, 1 << (round % 8)]
    const bent = signature.map((byte, index) => (index === at ? byte ^ bit : byte))
    expect(verifyEd25519(key, message, bent)).toBe(false)
  }
})

test('bytes of a wrong length, or that are no key, are a wrong signature', () => {
  const none = new Uint8Array(0)
  expect(verifyEd25519(none, none, none)).toBe(false)
  expect(verifyEd25519(new Uint8Array(31), none, new Uint8Array(64))).toBe(false)
  expect(verifyEd25519(new Uint8Array(32).fill(2), none, new Uint8Array(63))).toBe(false)
  // No point has a y of 2.
  expect(verifyEd25519(new Uint8Array(32).fill(0).fill(2, 0, 1), none, new Uint8Array(64))).toBe(false)
})
