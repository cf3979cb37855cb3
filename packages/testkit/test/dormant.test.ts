import { bytesOf } from '@quintet/domain'
import { expect, test } from 'vitest'
import { unbound } from './attacks/malice.ts'
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

test('whoever has come back stays, although a sibling asks only once a day who is away (C11)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const chat = alice.phone.chat(bob)
  alice.tablet.disconnect()
  await world.forward(61 * dayMs)
  await alice.phone.client.sync()
  await world.settle()
  alice.tablet.connect()
  await world.settle()
  await alice.tablet.client.sync()
  await world.settle()
  const { gaps } = alice.tablet.client.status()
  await alice.phone.say(bob, 'good morning')
  await alice.phone.say(bob, 'are you up?')
  await world.settle()
  expect(alice.tablet.shows(chat).slice(-2)).toEqual(['good morning', 'are you up?'])
  expect(alice.tablet.client.status().gaps).toBe(gaps)
})

test('somebody else’s device that was away for two months is let go by whoever writes, and never the last one (C11)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const chat = alice.phone.chat(bob)
  bob.laptop.disconnect()
  await world.forward(30 * dayMs)
  bob.phone.disconnect()
  const leaves = () => unbound(alice.phone, chat).view(bytesOf(chat))?.leaves.length
  await world.forward(32 * dayMs)
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'after two months')
  await world.settle()
  expect(leaves()).toBe(2)
  await world.forward(60 * dayMs)
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'after four')
  await world.settle()
  expect(leaves()).toBe(2)
  bob.phone.connect()
  await world.settle()
  bob.laptop.connect()
  await world.settle()
  await bob.laptop.client.sync()
  await world.settle()
  await alice.phone.say(bob, 'good to see you both')
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('after four')
  expect(bob.laptop.heard(chat).at(-1)).toBe('good to see you both')
  expect(bob.laptop.client.status().gaps).toBeGreaterThan(0)
})

test('a device that was here last week is not let go for being away, whoever says so (C11)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const chat = alice.phone.chat(bob)
  bob.laptop.disconnect()
  await world.forward(7 * dayMs)
  // The relay told her so, or she made it up: either way it finds out that it is not so.
  const { device } = bob.laptop.client.self() ?? expect.unreachable('it is linked')
  alice.phone.database.run("insert or replace into meta (key, value) values ('dormant/others', ?)", device)
  await alice.phone.say(bob, 'are you both there?')
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('are you both there?')
  bob.laptop.connect()
  await world.settle()
  expect(bob.laptop.heard(chat)).toEqual(['before', 'are you both there?'])
})

/** The days on which all that is in use is in use, and the one on which the tablet is found again. */
const drawers = [
  { what: 'what was said before it was let go', days: [1, 2, 40, 61], found: 62 },
  { what: 'the commit that let it go, which the relay has forgotten', days: [1, 2, 40, 62], found: 100 },
  { what: 'commits, all of which the relay has forgotten', days: [1, 9, 10], found: 45 },
] as const

test.each(drawers)('a tablet that lay in a drawer comes back although it missed $what', async ({ days, found }) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const chat = alice.phone.chat(bob)
  alice.tablet.disconnect()
  let today = 0
  for (const day of [...days, found]) {
    await world.forward((day - today) * dayMs)
    await world.relay.relay?.sweep()
    today = day
    if (day === found) break
    await alice.phone.client.sync()
    await bob.phone.say(alice, `how was day ${day}?`)
    await alice.phone.say(bob, `day ${day} was fine`)
  }
  alice.tablet.connect()
  await world.settle()
  expect(alice.tablet.client.status()).toMatchObject({ chatsPending: 0 })
  // Whoever writes first: it reads that, and nothing is kept back from it.
  await bob.phone.say(alice, 'where was it?')
  await world.settle()
  await alice.tablet.say(bob, 'in the drawer')
  await alice.tablet.say('self', 'charge it')
  await world.settle()
  expect(alice.tablet.shows(chat)).toEqual(['before', 'where was it?', 'in the drawer'])
  expect(alice.tablet.client.status().gaps).toBeGreaterThan(0)
  expect(alice.tablet.client.notices().map(({ sentence }) => sentence)).not.toContainEqual(
    expect.stringContaining('left out'),
  )
  expect(bob.phone.heard().at(-1)).toBe('in the drawer')
  expect(alice.phone.shows('self')).toContain('charge it')
})
