import { pushOf, requestOf, WorldError } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

async function pair(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  return { world, alice, bob }
}

test('a slow network with jitter changes nothing but the time it takes', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  world.network.delay(300, 700)
  const before = world.now()
  await Promise.all(['one', 'two', 'three'].map((text) => alice.phone.say(bob, text)))
  await bob.phone.say(alice, 'four')
  await world.settle()
  expect(world.now() - before).toBeGreaterThan(600)
  expect(bob.phone.shows(alice)).toEqual(alice.phone.shows(bob))
  expect([...bob.phone.shows(alice)].sort()).toEqual(['four', 'hello', 'one', 'three', 'two'])
})

test('what the relay pushes twice is shown once', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  const stop = world.network.twice(({ frame }) => pushOf(frame)?.kind.case === 'entry')
  for (const text of ['one', 'two']) await alice.phone.say(bob, text)
  await world.settle()
  stop()
  expect(bob.phone.heard()).toEqual(['hello', 'one', 'two'])
  expect(alice.phone.shows(bob)).toEqual(['hello', 'one', 'two'])
})

test('what the relay is asked twice it does once', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  const stop = world.network.twice(({ frame }) => requestOf(frame)?.call.case === 'append')
  for (const text of ['one', 'two']) await alice.phone.jot(bob, text)
  await world.settle()
  stop()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'one', 'two'])
})

test('a connection that is dead without having ended is found out, and nothing that was sent meanwhile is missing', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  world.network.halfOpen(bob.phone.name)
  await alice.phone.say(bob, 'into the void')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello'])
  await world.forward(90_000)
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'into the void'])
})

test('pushes that are lost on the way are fetched when the next one shows the hole', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  let lost = 0
  const stop = world.relay.tamper(({ device, frame }) =>
    device === 'bob.phone' && pushOf(frame)?.kind.case === 'entry' && ++lost <= 2 ? [] : undefined,
  )
  for (const text of ['one', 'two', 'three']) await alice.phone.say(bob, text)
  await world.settle()
  stop()
  expect(lost).toBeGreaterThan(2)
  expect(bob.phone.heard()).toEqual(['hello', 'one', 'two', 'three'])
})

test('a month without a network: the device that comes back has everything that the relay kept', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  bob.phone.disconnect()
  await alice.phone.say(bob, 'see you in a month')
  await world.forward(29 * 24 * 60 * 60 * 1000)
  bob.phone.connect()
  await world.settle()
  await world.relay.relay?.sweep()
  expect(bob.phone.heard()).toEqual(['hello', 'see you in a month'])
  expect(bob.phone.client.status().gaps).toBe(0)
})

test('beyond retention what is gone is a gap, not a silence', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  bob.phone.disconnect()
  await alice.phone.say(bob, 'too late')
  await world.forward(31 * 24 * 60 * 60 * 1000)
  await world.relay.relay?.sweep()
  await alice.phone.say(bob, 'in time')
  bob.phone.connect()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'in time'])
  expect(bob.phone.client.status().gaps).toBeGreaterThan(0)
})

test('a world that never comes to rest says so, with what went on', async () => {
  const { world, alice, bob } = await pair()
  await using _ = world
  // A relay that repeats every push for ever, some seconds later.
  const stop = world.relay.tamper(({ device, frame }) => {
    if (pushOf(frame)?.kind.case === 'entry') setImmediate(() => world.relay.inject({ name: device }, frame))
    return undefined
  })
  world.network.delay(3000)
  await alice.phone.jot(bob, 'again and again')
  const failure = await world.settle().catch((error: unknown) => error)
  stop()
  expect(failure).toBeInstanceOf(WorldError)
  expect(failure).toMatchObject({ code: 'never-quiet', message: expect.stringContaining('push entry') })
})

test('the same seed draws the same', async () => {
  const draw = async (seed: number) => {
    await using world = await createWorld({ seed })
    const alice = await world.account('alice', 'phone')
    return alice.recovery
  }
  expect(await draw(7)).toBe(await draw(7))
  expect(await draw(8)).not.toBe(await draw(7))
})
