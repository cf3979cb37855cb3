import { expect, test } from 'vitest'
import { BodySchema, create, FrameSchema, isModest, SealedSchema, toBinary } from './index.ts'

const asking = (accounts: number) =>
  toBinary(
    FrameSchema,
    create(FrameSchema, {
      kind: {
        case: 'request',
        value: { id: 1, call: { case: 'logs', value: { accounts: Array.from({ length: accounts }, () => ({})) } } },
      },
    }),
  )

test('fields are counted at every depth, up to the limit', () => {
  // The frame's request, its id, its call, and one for each account.
  expect(isModest(FrameSchema, asking(100), 103)).toBe(true)
  expect(isModest(FrameSchema, asking(100), 102)).toBe(false)
  expect(isModest(FrameSchema, asking(200_000), 20_000)).toBe(false)
})

test('a long frame of few fields is modest; long bytes that are no frame to the letter are not', () => {
  const long = create(FrameSchema, {
    kind: {
      case: 'request',
      value: { id: 1, call: { case: 'putKitBlob', value: { blob: new Uint8Array(1_000_000) } } },
    },
  })
  expect(isModest(FrameSchema, toBinary(FrameSchema, long), 10)).toBe(true)
  expect(isModest(FrameSchema, new Uint8Array(1000).fill(255), 10)).toBe(false)
  // A group that ends beyond the request that it stands in: decoding would read on, and into what follows.
  const beyond = Uint8Array.of(0x12, 3, 8, 1, 0x0b, 0x0c, ...Array.from({ length: 100 }, () => 0x78))
  expect(isModest(FrameSchema, beyond, 10)).toBe(false)
})

test('fields of later versions count', () => {
  expect(isModest(FrameSchema, new Uint8Array(1000).fill(0x78), 10)).toBe(false)
})

test('a field that is written as another kind than its own is not modest: decoding reads fields where counting saw bytes', () => {
  // A body that deletes: the target, which is bytes, as the number 2, so that what follows is taken for its content.
  const inside = Array.from({ length: 100 }, () => [0x78, 1]).flat()
  const bytes = Uint8Array.of(0x1a, 207, 1, 0x08, 2, 0x4a, 200, 1, ...inside)
  expect(isModest(BodySchema, bytes, 10)).toBe(false)
  // A number as bytes, and a message as a number.
  expect(isModest(SealedSchema, Uint8Array.of(0x0a, 24, 0x0a, 22, ...new Uint8Array(22)), 10)).toBe(false)
  expect(isModest(BodySchema, Uint8Array.of(0x18, 40, ...new Uint8Array(40).fill(0x78)), 10)).toBe(false)
})
