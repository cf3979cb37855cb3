import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

const dayMs = 24 * 60 * 60 * 1000

test('a device that was away for two months is let go, and comes in again by itself with its place in the account', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const chat = alice.phone.chat(bob)
  alice.tablet.disconnect()
  await world.forward(61 * dayMs)
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'while it slept')
  await world.settle()
  alice.tablet.connect()
  await world.settle()
  await alice.tablet.client.sync()
  await world.settle()
  await bob.phone.say(alice, 'welcome back')
  await alice.tablet.say(bob, 'slept well')
  await world.settle()
  // What was said while it had no leaf is closed to it, and it says that something is missing.
  expect(alice.tablet.heard(chat)).not.toContain('while it slept')
  expect(alice.tablet.client.status().gaps).toBeGreaterThan(0)
  expect(alice.tablet.heard(chat).at(-1)).toBe('welcome back')
  expect(bob.phone.heard().at(-1)).toBe('slept well')
  expect((await alice.phone.client.devices()).map((device) => device.name)).toContain('tablet')
})
