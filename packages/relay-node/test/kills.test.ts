import { expect, test } from 'vitest'
import { playKills } from './kills/round.ts'

test('killed six times at work, the relay loses and doubles nothing that it acknowledged, and nothing is half done', {
  timeout: 400_000,
}, async () => {
  const counted = await playKills(1, 6)
  expect(counted).toMatchObject({ kills: 6 })
  expect(counted['acknowledged']).toBeGreaterThan(100)
  expect(counted['commits']).toBeGreaterThan(0)
  expect(counted['sign-ups']).toBeGreaterThan(0)
  expect(counted['key packages']).toBeGreaterThan(0)
})
