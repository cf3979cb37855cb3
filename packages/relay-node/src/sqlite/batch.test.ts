import { parseChatBytes, parseDeviceBytes } from '@quintet/domain'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packBatch, packOutcome, unpackBatch, unpackOutcome, type Work } from './batch.ts'
import type { Outcome } from './operations.ts'

const chatOf = (bytes: Uint8Array) => parseChatBytes(bytes) ?? expect.unreachable()
const deviceOf = (bytes: Uint8Array) => parseDeviceBytes(bytes) ?? expect.unreachable()
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const whole = fc.nat({ max: 2 ** 48 - 1 })

const append = fc.record({
  chat: bytes(32).map(chatOf),
  entry: fc.record({
    kind: fc.constantFrom('message' as const, 'commit' as const),
    device: bytes(16).map(deviceOf),
    seq: whole,
    n: whole,
    atMs: whole,
    atBeforeMs: whole,
    epoch: whole,
    content: fc.boolean(),
    hashBefore: fc.oneof(bytes(32), fc.uint8Array({ maxLength: 40 })),
    message: fc.uint8Array({ maxLength: 200 }),
  }),
})
const call = fc.record({ name: fc.string(), argument: fc.anything() })

test('whatever is asked of the writing thread arrives there as it was, in order', () => {
  const asCall = (work: Work) => ('name' in work ? work : { name: 'appendEntry', argument: work })
  const check = (batch: readonly Work[]): void => {
    expect(unpackBatch(packBatch(batch, true))).toEqual(batch.map(asCall))
  }
  fc.assert(fc.property(fc.array(fc.oneof(append, call)), check), { numRuns: 200 })
})

test('appends of a batch travel in one buffer, and what is packed stays where it was', () => {
  const [first, second] = fc.sample(append, { numRuns: 2, seed: 1 })
  if (first === undefined || second === undefined) return expect.unreachable()
  const before = structuredClone(first)
  const { calls, chats, entries } = packBatch([first, second], true)
  expect(calls).toEqual([undefined, undefined])
  expect(chats).toEqual([first.chat, second.chat])
  entries.bytes.fill(0xff)
  expect(first).toEqual(before)
})

test('an outcome comes back as it was, refusals too', () => {
  const all: readonly Outcome[] = [
    { ok: true, value: undefined },
    { ok: true, value: 0 },
    { ok: false, code: 'full', detail: 'no room' },
  ]
  expect(all.map((outcome) => unpackOutcome(packOutcome(outcome)))).toEqual(all)
})
