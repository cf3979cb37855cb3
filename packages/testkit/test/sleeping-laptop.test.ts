import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('a laptop that slept through two messages hears both, once, in order', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  bob.laptop.disconnect()
  await alice.phone.say(bob, 'one')
  await alice.phone.say(bob, 'two')
  bob.laptop.connect()
  await world.settle()
  expect(bob.laptop.heard()).toEqual(['one', 'two'])
  expect(alice.phone.tickOf('two')).toBe('delivered')
})
