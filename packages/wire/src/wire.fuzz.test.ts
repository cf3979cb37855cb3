import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import {
  BodySchema,
  CommitAadSchema,
  create,
  FrameSchema,
  fromBinary,
  isModest,
  LogEntrySchema,
  toBinary,
} from './index.ts'

const bytes = (length: number) => new Uint8Array(length).fill(7)
const samples = [
  toBinary(
    FrameSchema,
    create(FrameSchema, {
      kind: {
        case: 'request',
        value: { id: 1, call: { case: 'ack', value: { cursors: [{ chat: bytes(32), seq: 2n }] } } },
      },
    }),
  ),
  toBinary(
    FrameSchema,
    create(FrameSchema, {
      kind: {
        case: 'response',
        value: { id: 1, result: { case: 'sync', value: { chats: [{ chat: bytes(32) }], relayTimeMs: 3n } } },
      },
    }),
  ),
  toBinary(BodySchema, create(BodySchema, { kind: { case: 'text', value: { text: 'hello', replyTo: bytes(32) } } })),
  toBinary(LogEntrySchema, create(LogEntrySchema, { body: bytes(90), signature: bytes(64) })),
  toBinary(
    CommitAadSchema,
    create(CommitAadSchema, { commitId: bytes(16), adds: [{ account: bytes(32), device: bytes(16) }] }),
  ),
]

/** Objects and bytes of a decoded message, unknown fields included. */
function weight(value: unknown): { readonly objects: number; readonly bytes: number } {
  if (value instanceof Uint8Array) return { objects: 1, bytes: value.length }
  if (typeof value === 'string') return { objects: 0, bytes: value.length }
  if (typeof value !== 'object' || value === null) return { objects: 0, bytes: 0 }
  const parts = Object.entries(value)
    .filter(([name]) => name !== '$typeName' && name !== 'case')
    .map(([, part]) => weight(part))
  return { objects: 1 + sum(parts.map(({ objects }) => objects)), bytes: sum(parts.map((part) => part.bytes)) }
}
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

test('whatever the bytes, decoding ends in a message no heavier than they are, or in an error', () => {
  const outcomes = new Outcomes()
  const schemas = [FrameSchema, BodySchema, LogEntrySchema, CommitAadSchema] as const
  fc.assert(
    fc.property(hostile(samples), fc.constantFrom(...schemas), (input, schema) => {
      let message: unknown
      try {
        message = fromBinary(schema, input)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        return outcomes.note('error')
      }
      outcomes.note('message')
      const { objects, bytes: held } = weight(message)
      // A length that lies reserves nothing; at most three objects for each field, of two bytes at least.
      expect(held).toBeLessThanOrEqual(input.length)
      expect(objects).toBeLessThanOrEqual(10 + 3 * input.length)
      // What holds so many fields is not called modest.
      if (objects > 40) expect(isModest(schema, input, 3)).toBe(false)
    }),
    runs(3000),
  )
  expect(outcomes.names).toEqual(['error', 'message'])
})

test('groups in groups, as deep as a frame is long, end in an error and not in a stack that is used up', () => {
  expect(() => fromBinary(FrameSchema, new Uint8Array(4_000_000).fill(0x0b))).toThrow(/recursion|depth|group|EOF/i)
})
