import type { Device, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

const names = ['phone', 'laptop', 'tablet', 'web', 'display'] as const

/** Two people with five devices each who have met, and what each of Alice's devices is about to say. */
async function tenDevices(world: World) {
  const alice = await world.account('alice', ...names)
  const bob = await world.account('bob', ...names)
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const texts = (device: Device) => Array.from({ length: 20 }, (_, n) => `${device.name} ${n}`)
  return { alice, bob, texts }
}

/** All ten show the same 100 texts in the same order, each device's own in the order it wrote them. */
function expectUnison(story: Awaited<ReturnType<typeof tenDevices>>): void {
  const { alice, bob, texts } = story
  const shown = alice.phone.shows(bob).slice(1)
  expect([...shown].sort()).toEqual(alice.devices.flatMap(texts).sort())
  for (const device of alice.devices) {
    expect(shown.filter((text) => text.startsWith(device.name))).toEqual(texts(device))
    expect(device.shows(bob).slice(1)).toEqual(shown)
  }
  for (const device of bob.devices) expect(device.shows(alice).slice(1)).toEqual(shown)
}

test('five devices send twenty texts each at once; all ten devices show the same hundred in the same order', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const story = await tenDevices(world)
  const { alice, bob, texts } = story
  await Promise.all(alice.devices.flatMap((device) => texts(device).map((text) => device.say(bob, text))))
  await world.settle()
  expectUnison(story)
})

test('the same while connections break all the time', { timeout: 120_000 }, async () => {
  await using world = await createWorld()
  const story = await tenDevices(world)
  const { alice, bob, texts } = story
  let frames = 0
  const stop = world.relay.tamper(() => (++frames % 50 === 0 && frames < 3000 ? 'cut' : undefined))
  await Promise.all(alice.devices.flatMap((device) => texts(device).map((text) => device.jot(bob, text))))
  await world.settle()
  stop()
  expect(frames).toBeGreaterThan(500)
  for (const device of [...alice.devices, ...bob.devices]) await device.client.sync()
  await world.settle()
  expectUnison(story)
})
