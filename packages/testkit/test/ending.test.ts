import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('an app that is closed in the middle of everything ends well, and goes on where it was', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`)
  const sending = texts.map((text) => bob.phone.jot(alice, text))
  const own = alice.laptop.jot(bob, 'half said').catch(() => undefined)
  await alice.laptop.close()
  await Promise.all(sending)
  await own
  await world.settle()
  alice.laptop.restart()
  await world.settle()
  expect(alice.laptop.heard(bob)).toEqual(texts)
  expect(alice.phone.shows(bob)).toEqual(alice.laptop.shows(bob))
  expect(bob.phone.heard().filter((text) => text === 'half said').length).toBeLessThanOrEqual(1)
})

test.each([1, 3, 5, 7, 9, 12])(
  'an approver that dies %i writes into a linking leaves an account that works',
  async (writes) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone', 'laptop')
    const bob = await world.account('bob', 'phone')
    await alice.phone.say(bob, 'hello')
    await world.settle()
    alice.phone.crashAfter(writes)
    await world.link(alice.phone, 'tablet').catch(() => undefined)
    await world.settle()
    alice.phone.restart()
    await world.settle()
    const tablet = alice.devices.at(-1) ?? expect.unreachable('it was begun')
    // Linked or not, nothing in between: who is listed reads and writes, who is not is told so.
    const listed = (await alice.laptop.client.devices()).filter(
      (device) => device.name === 'tablet' || device.device === tablet.client.self()?.device,
    )
    await alice.laptop.say(bob, 'all is well')
    await alice.phone.say(bob, 'here too')
    await world.settle()
    if (tablet.client.self() !== undefined && listed.length > 0) {
      await tablet.client.sync()
      await tablet.say(bob, 'and here')
      await world.settle()
      expect(bob.phone.heard()).toEqual(['hello', 'all is well', 'here too', 'and here'])
    } else expect(bob.phone.heard()).toEqual(['hello', 'all is well', 'here too'])
    // Whatever became of it, another one can be linked.
    const second = await world.link(alice.phone, 'display')
    await second.say(bob, 'new here')
    await world.settle()
    expect(bob.phone.heard().at(-1)).toBe('new here')
  },
)
