import { kitFromWords, kitOf } from './kit.ts'
import { XWing } from '@hpke/hybridkem-x-wing'
import { asciiBytes, hexOf, parseAccountBytes } from '@quintet/domain'
import { expect, test } from 'vitest'
import { openEphemeral, sealEphemeral } from './ephemeral.ts'
import { firstLogHash, nextLogHash } from './log-hash.ts'
import { safetyWords } from './safety-words.ts'
import { newSealKeyPair, openSealed, sealTo } from './seal.ts'

const info = asciiBytes('info')
const aad = asciiBytes('aad')

test('what is sealed to a key is opened by it alone, in its context alone, unchanged alone', async () => {
  const [bob, eve] = [newSealKeyPair(), newSealKeyPair()]
  const sealed = await sealTo(bob.publicKey, info, aad, asciiBytes('hello'))
  expect(await openSealed(bob.privateKey, info, aad, sealed)).toEqual(asciiBytes('hello'))
  expect(await openSealed(eve.privateKey, info, aad, sealed)).toBeUndefined()
  expect(await openSealed(bob.privateKey, aad, aad, sealed)).toBeUndefined()
  expect(await openSealed(bob.privateKey, info, info, sealed)).toBeUndefined()
  const enc = sealed.enc.slice()
  enc[7] = (enc[7] ?? 0) ^ 1
  expect(await openSealed(bob.privateKey, info, aad, { ...sealed, enc })).toBeUndefined()
  const ciphertext = sealed.ciphertext.slice(1)
  expect(await openSealed(bob.privateKey, info, aad, { ...sealed, ciphertext })).toBeUndefined()
})

test('both X-Wing libraries make the same pair of one seed', async () => {
  const seed = new Uint8Array(32).fill(7)
  const kem = new XWing()
  const pair = await kem.generateKeyPairDerand(seed)
  expect(newSealKeyPair(seed).publicKey).toEqual(new Uint8Array(await kem.serializePublicKey(pair.publicKey)))
  expect(newSealKeyPair(seed).privateKey).toEqual(seed)
})

test('a kit is found again from its words, however they are typed', () => {
  const kit = kitOf(new Uint8Array(16).fill(9))
  expect(kit.words.split(' ')).toHaveLength(12)
  expect(kitFromWords(kit.words)?.sign.publicKey).toEqual(kit.sign.publicKey)
  expect(kitFromWords(`  ${kit.words.toUpperCase().replaceAll(' ', '\n  ')} `)?.seal.publicKey).toEqual(
    kit.seal.publicKey,
  )
  expect(kit.sign.secretKey).not.toEqual(kit.seal.privateKey)
})

test('words that are no kit are refused: a wrong one, a wrong checksum, too few, too many', () => {
  const words = kitOf(new Uint8Array(16).fill(9)).words.split(' ')
  expect(kitFromWords([...words.slice(1), 'quintet'].join(' '))).toBeUndefined()
  expect(kitFromWords([...words.slice(0, 11), words[11] === 'zoo' ? 'abandon' : 'zoo'].join(' '))).toBeUndefined()
  expect(kitFromWords(words.slice(0, 11).join(' '))).toBeUndefined()
  expect(kitFromWords([...words, ...words].join(' '))).toBeUndefined()
  expect(kitFromWords('')).toBeUndefined()
})

test('the kit of an all-zero seed has the words that BIP-39 publishes', () => {
  expect(kitOf(new Uint8Array(16)).words).toBe(`${'abandon '.repeat(11)}about`)
})

test('two people see the same twelve words, a third one others', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => parseAccountBytes(new Uint8Array(32).fill(byte)))
  if (!a || !b || !c) throw new Error('ids')
  expect(safetyWords(a, b)).toHaveLength(12)
  expect(safetyWords(a, b)).toEqual(safetyWords(b, a))
  expect(safetyWords(a, b)).not.toEqual(safetyWords(a, c))
})

test('a typing sign opens under its key and sender only', () => {
  const key = new Uint8Array(32).fill(1)
  const sealed = sealEphemeral(key, aad, asciiBytes('typing'))
  expect(openEphemeral(key, aad, sealed)).toEqual(asciiBytes('typing'))
  expect(openEphemeral(key, info, sealed)).toBeUndefined()
  expect(openEphemeral(new Uint8Array(32), aad, sealed)).toBeUndefined()
  expect(openEphemeral(key, aad, sealed.subarray(0, 10))).toBeUndefined()
  expect(sealEphemeral(key, aad, asciiBytes('typing'))).not.toEqual(sealed)
})

test('the log hash binds order, number and content', () => {
  const h1 = nextLogHash(firstLogHash, 1, asciiBytes('a'))
  const h2 = nextLogHash(h1, 2, asciiBytes('b'))
  expect(hexOf(nextLogHash(firstLogHash, 1, asciiBytes('b')))).not.toBe(hexOf(h1))
  expect(hexOf(nextLogHash(h1, 3, asciiBytes('b')))).not.toBe(hexOf(h2))
})
