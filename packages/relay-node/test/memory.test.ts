import { expect, test } from 'vitest'
import { growth, toleranceBytes } from './memory/growth.ts'
import { playMemory } from './memory/round.ts'

test('a relay that is kept busy keeps no more and more memory', { timeout: 180_000 }, async () => {
  expect(await playMemory(1, { stretches: 6, messages: 500 })).toMatchObject({ messages: 3000, stretches: 6 })
})

test('growth is seen through the ups and downs of a heap, and told from them', () => {
  const flat = Array.from({ length: 12 }, (_, at) => 20_000_000 + (at % 3) * 900_000)
  expect(growth(flat)).toBeLessThan(toleranceBytes)
  expect(growth(flat.map((bytes, at) => bytes + at * 500_000))).toBeGreaterThan(toleranceBytes)
})
