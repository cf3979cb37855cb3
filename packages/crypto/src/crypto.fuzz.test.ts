import { sameBytes } from '@quintet/domain'
import { BodySchema, create, type MessageInitShape, SealedSchema, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile, hostileText } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { random } from '../test/link-story.ts'
import { entryIdOf, openBody, sealBody } from './body.ts'
import { openEphemeral, sealEphemeral } from './ephemeral.ts'
import { kitFromWords, kitOf } from './kit.ts'
import { parseShortCode } from './link/code.ts'
import { abortMessage, encodeMessage, parseMessage } from './link/message.ts'
import { offerText, parseOffer } from './link/offer.ts'
import { newSealKeyPair, openSealed, sealTo } from './seal.ts'

const fixed = (length: number, byte = 7) => new Uint8Array(length).fill(byte)
const text = 'what only the two of us know'

test('what is sealed in a message is read whole or is malformed, whoever wrote it', () => {
  const kinds = [
    { case: 'text', value: { text, replyTo: fixed(32) } },
    { case: 'edit', value: { target: fixed(32), text } },
    { case: 'reaction', value: { target: fixed(32), emoji: '👍' } },
    { case: 'info', value: { title: text, setSeq: 3n } },
    {
      case: 'selfOps',
      value: { ops: [{ key: 'read/x', value: fixed(3), lamport: 1n, device: fixed(16), counter: 1n }] },
    },
  ] satisfies readonly NonNullable<MessageInitShape<typeof BodySchema>['kind']>[]
  const header = { n: 3n, seenSeq: 9n, seenHash: fixed(16), head: { position: 1n, hash: fixed(8) } }
  const bodies = kinds.map((kind) => sealBody({ header, body: { kind }, random }))
  const [first] = bodies
  if (first === undefined) throw new Error('there are bodies')
  const outcomes = new Outcomes()
  const plaintexts = bodies.map(({ plaintext }) => plaintext)
  fc.assert(
    fc.property(
      hostile(plaintexts),
      fc.nat(bodies.length - 1),
      fc.uint8Array({ maxLength: 40 }),
      (bytes, at, noise) => {
        const entryId = bodies[at]?.entryId ?? noise
        for (const aad of [entryId, noise]) {
          const opened = openBody(bytes, aad)
          outcomes.note(opened === 'malformed' ? opened : 'opened')
          if (opened === 'malformed') continue
          expect(sameBytes(entryIdOf(opened.bodyKey, opened.bodyBytes), aad)).toBe(true)
          expect(opened.header.n).toBeGreaterThan(0n)
        }
      },
    ),
    runs(2500),
  )
  expect(outcomes.names).toEqual(['malformed', 'opened'])
})

test('a member who writes any body at all under a right key gets it opened, or called malformed', () => {
  const good = [
    toBinary(BodySchema, create(BodySchema, { kind: { case: 'text', value: { text } } })),
    toBinary(BodySchema, create(BodySchema, { kind: { case: 'info', value: { title: text, setSeq: 3n } } })),
  ]
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile(good), (body) => {
      const bodyKey = fixed(32)
      const sealed = toBinary(SealedSchema, create(SealedSchema, { header: { n: 1n }, body, bodyKey }))
      const opened = openBody(sealed, entryIdOf(bodyKey, body))
      outcomes.note(opened === 'malformed' ? opened : (opened.body.kind.case ?? 'unknown'))
    }),
    runs(2000),
  )
  for (const seen of ['malformed', 'text', 'info', 'unknown']) expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})

test('nothing that was not sealed under the key passes for typing', () => {
  const [key, aad] = [fixed(32), fixed(48)]
  const sealed = sealEphemeral(key, aad, fixed(9))
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile([sealed]), hostile([aad]), (bytes, other) => {
      const opened = openEphemeral(key, other, bytes)
      outcomes.note(opened === undefined ? 'refused' : 'opened')
      if (opened !== undefined) expect([...bytes, ...other]).toEqual([...sealed, ...aad])
    }),
    runs(1500),
  )
  expect(outcomes.names).toEqual(['opened', 'refused'])
})

test('nothing that was changed is unsealed, whatever the lengths', async () => {
  const pair = newSealKeyPair(fixed(32))
  const sealed = await sealTo(pair.publicKey, fixed(3), fixed(4), fixed(50))
  const outcomes = new Outcomes()
  await fc.assert(
    fc.asyncProperty(hostile([sealed.enc]), hostile([sealed.ciphertext]), fc.nat(2), async (enc, ciphertext, which) => {
      const seen = { enc: which === 0 ? sealed.enc : enc, ciphertext: which === 1 ? sealed.ciphertext : ciphertext }
      const opened = await openSealed(pair.privateKey, fixed(3), fixed(4), seen)
      outcomes.note(opened === undefined ? 'refused' : 'opened')
      if (opened !== undefined) expect([...seen.enc, ...seen.ciphertext]).toEqual([...sealed.enc, ...sealed.ciphertext])
    }),
    runs(150),
  )
  expect(outcomes.names).toEqual(['opened', 'refused'])
})

test('what one scans, pastes or types is an offer, a code, a kit, or nothing', () => {
  const offer = { offer: fixed(16), commit: fixed(32), relay: 'https://chat.example.org' }
  const { words } = kitOf(fixed(16))
  const samples = [
    offerText(offer),
    offerText({ ...offer, relay: 'http://127.0.0.1:4747' }),
    'AB12-CD34',
    words,
    words.toUpperCase(),
  ]
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostileText(samples), (typed) => {
      const scanned = parseOffer(typed)
      if (scanned !== undefined) {
        outcomes.note('offer')
        expect([scanned.offer.length, scanned.commit.length]).toEqual([16, 32])
      }
      const code = parseShortCode(typed)
      if (code !== undefined) {
        outcomes.note('code')
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
      }
      const kit = kitFromWords(typed)
      if (kit !== undefined) {
        outcomes.note('kit')
        expect(kit.words).toBe(kitOf(kit.seed).words)
      }
      if (!scanned && !code && !kit) outcomes.note('nothing')
    }),
    runs(3000),
  )
  expect(outcomes.names).toEqual(['code', 'kit', 'nothing', 'offer'])
})

test('an offer whose bytes were changed is another whole offer, or none', () => {
  const sample = offerText({ offer: fixed(16), commit: fixed(32), relay: 'https://chat.example.org' })
  const scheme = sample.slice(0, sample.indexOf('=') + 1)
  const bytes = Uint8Array.from(Buffer.from(sample.slice(scheme.length), 'hex'))
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile([bytes]), (changed) => {
      const offer = parseOffer(scheme + Buffer.from(changed).toString('hex'))
      outcomes.note(offer === undefined ? 'none' : 'offer')
      if (offer === undefined) return
      expect([offer.offer.length, offer.commit.length]).toEqual([16, 32])
      // Shown, and one day opened: nothing but a scheme, a name and a port.
      expect(offer.relay).toMatch(/^https?:\/\/[\p{L}\p{N}._:[\]-]+$/u)
    }),
    runs(3000),
  )
  expect(outcomes.names).toEqual(['none', 'offer'])
})

test('a link message is of a known kind, or nothing', () => {
  const samples = [
    encodeMessage({
      case: 'hello',
      value: { pkA: fixed(1216), account: fixed(32), head: { position: 1n, hash: fixed(32) }, handle: 'mara' },
    }),
    encodeMessage({ case: 'reveal', value: { pkN: fixed(1216), rN: fixed(32), platform: 'Linux', name: text } }),
    encodeMessage({ case: 'draft', value: { enc: fixed(1120), ciphertext: fixed(200) } }),
    encodeMessage({ case: 'confirmed', value: {} }),
    abortMessage('words'),
  ]
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile(samples), (bytes) => outcomes.note(parseMessage(bytes)?.case ?? 'nothing')),
    runs(2000),
  )
  for (const seen of ['nothing', 'hello', 'reveal', 'draft', 'confirmed', 'abort'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})
