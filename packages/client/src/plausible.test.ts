import { create, EntrySchema, FetchedSchema, SelfOpsSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { isPlausible } from './plausible.ts'

const limit = 2n ** 43n

test('whatever a log reaches may be counted with', () => {
  const entry = create(EntrySchema, { seq: 1n, atMs: BigInt(Date.now()), epoch: 3n, message: new Uint8Array([255]) })
  expect(isPlausible(create(FetchedSchema, { entries: [entry], headSeq: limit - 1n }))).toBe(true)
})

test.each([limit, 2n ** 53n, 2n ** 64n - 1n, -1n])(
  '%s is none that any clock or log reaches, however deep it stands',
  (n) => {
    const entry = create(EntrySchema, { seq: 1n, atMs: n })
    expect(isPlausible(create(FetchedSchema, { entries: [entry], headSeq: 1n }))).toBe(false)
    expect(isPlausible(create(SelfOpsSchema, { ops: [{ lamport: n }] }))).toBe(false)
  },
)

test('the greatest time that passes makes rows that are still counted exactly', () => {
  expect(Number.isSafeInteger((Number(limit) - 1) * 1024 + 1023)).toBe(true)
})
