import { randomBytes } from 'node:crypto'
import { hexOf } from '@quintet/domain'
import { BodySchema, create, toBinary } from '@quintet/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBody, resealBody, sealBody } from './body.ts'

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
const say = (text: string) => ({ kind: { case: 'text' as const, value: { text } } })

test('what was said is read again, under the id that commits to it', () => {
  const sealed = sealBody({ header: { n: 3n, seenSeq: 9n }, body: say('hello'), random })
  const opened = openBody(sealed.plaintext, sealed.entryId)
  if (opened === 'malformed') throw new Error('it opens')
  expect(opened.header.n).toBe(3n)
  expect(opened.body.kind).toMatchObject({ case: 'text', value: { text: 'hello' } })
  expect(opened.bodyKey).toEqual(sealed.bodyKey)
  expect(opened.entryId).toEqual(sealed.entryId)
})

test('a body under another id, a changed one, and noise are malformed', () => {
  const one = sealBody({ header: { n: 1n }, body: say('one'), random })
  const two = sealBody({ header: { n: 1n }, body: say('two'), random })
  expect(openBody(one.plaintext, two.entryId)).toBe('malformed')
  const at = one.plaintext.indexOf('o'.charCodeAt(0))
  expect(at).toBeGreaterThan(0)
  const changed = one.plaintext.slice()
  changed[at] = 'x'.charCodeAt(0)
  expect(openBody(changed, one.entryId)).toBe('malformed')
  expect(openBody(random.bytes(200), one.entryId)).toBe('malformed')
  expect(openBody(new Uint8Array(), one.entryId)).toBe('malformed')
})

test('a message sent again with a new header keeps its id', () => {
  const body = toBinary(BodySchema, create(BodySchema, say('again')))
  const first = sealBody({ header: { n: 1n, seenSeq: 4n }, body, random })
  const second = resealBody({ n: 1n, seenSeq: 5n }, body, first.bodyKey)
  expect(hexOf(second.entryId)).toBe(hexOf(first.entryId))
})

test('a kind of a later version survives whole', () => {
  // Field 999 of Body, a message this code has never heard of.
  const later = new Uint8Array([0xba, 0x3e, 0x02, 0x08, 0x01])
  const sealed = sealBody({ header: { n: 1n }, body: later, random })
  const opened = openBody(sealed.plaintext, sealed.entryId)
  if (opened === 'malformed') throw new Error('it opens')
  expect(opened.body.kind.case).toBeUndefined()
  expect(opened.bodyBytes).toEqual(later)
})

test('lengths of any body fall on few sizes, at most 12 % above 1 KB', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
      const body = say('x'.repeat(length))
      const { plaintext, entryId } = sealBody({ header: { n: 1n, seenSeq: 1000n }, body, random })
      const bare = length + 34 + 20
      if (plaintext.length <= 1024) expect([192, 256, 384, 512, 1024]).toContain(plaintext.length)
      // The field's own head, and a size skipped when no field fits, are the few bytes more.
      else expect(plaintext.length).toBeLessThanOrEqual(Math.ceil(bare * 1.12) + 16)
      expect(openBody(plaintext, entryId)).not.toBe('malformed' satisfies string)
    }),
    { numRuns: 60 },
  )
})
