import { expect, test } from 'vitest'
import { createWorld } from '../harness.ts'
import { killCommands } from './kills.ts'

test('commands killed at any moment: nothing acknowledged is lost, nothing is doubled', {
  timeout: 600_000,
}, async () => {
  await using world = await createWorld()
  const { acknowledged } = await killCommands(world, 4, 3)
  expect(acknowledged).toBeGreaterThan(0)
})
