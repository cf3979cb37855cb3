import { expect, test, vi } from 'vitest'
import type { Device } from '@quintet/testkit'
import { createWorld } from '../world.ts'

const dayMs = 24 * 60 * 60 * 1000
const idOf = (device: Device) => device.client.self()?.device ?? expect.unreachable('it is signed in')

test('a phished device can do nothing to the account that it got into (D6-D8)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop', 'tablet')
  const before = await alice.phone.client.devices()
  const thief = alice.tablet.client
  const trap = world.device('alice', 'web')
  let shown = (_offer: string) => {}
  const offer = new Promise<string>((resolve) => {
    shown = resolve
  })
  trap.client
    .link({ kind: 'web', name: 'Trap' }, { offer: (one) => shown(one.offer), confirm: async () => true })
    .catch(() => undefined)
  const deeds: readonly (() => Promise<unknown>)[] = [
    () => thief.unlink(idOf(alice.phone)),
    () => thief.unlink(idOf(alice.laptop)),
    () => thief.makeMain(idOf(alice.tablet)),
    () => thief.setRights(idOf(alice.tablet), 'manage'),
    () => thief.setRights(idOf(alice.phone), 'none'),
    () => thief.newRecovery(undefined),
    () => thief.deleteAccount(),
    async () => thief.approve(await offer, { manage: true }, { pick: async ({ right }) => right }),
  ]
  for (const deed of deeds) await expect(deed()).rejects.toMatchObject({ name: 'ClientError' })
  // Nor does it help to wait for most of the day.
  await world.forward(23 * 60 * 60 * 1000)
  for (const deed of deeds.slice(0, 5)) await expect(deed()).rejects.toMatchObject({ name: 'ClientError' })
  const what = (all: typeof before) => all.map(({ device, main, manage }) => ({ device, main, manage }))
  expect(what(await alice.phone.client.devices())).toEqual(what(before))
  await alice.phone.client.unlink(idOf(alice.tablet))
  expect(await alice.phone.client.devices()).toHaveLength(2)
})

test('a thief who may manage and threw the others out is thrown out by the kit, and reads nothing more (D8)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const laptop = await world.link(alice.phone, 'laptop', { manage: true })
  await bob.phone.say(alice, 'hello')
  await world.settle()
  const chat = bob.phone.chat(alice)
  await laptop.client.unlink(idOf(alice.phone))
  await world.settle()
  await expect(alice.phone.say(bob, 'help')).rejects.toMatchObject({ code: 'unlinked' })
  const tablet = world.device('alice', 'tablet')
  await tablet.client.recover({ handle: 'alice', key: alice.recovery, name: 'Tablet' })
  await world.settle()
  await expect(laptop.client.unlink(idOf(tablet))).rejects.toMatchObject({ code: 'not-allowed' })
  await expect(laptop.client.setRights(idOf(tablet), 'none')).rejects.toMatchObject({ code: 'not-allowed' })
  await expect(laptop.client.newRecovery(undefined)).rejects.toMatchObject({ name: 'ClientError' })
  await tablet.client.unlink(idOf(laptop), alice.recovery)
  await world.settle()
  await bob.phone.say(alice, 'is it you again?')
  await world.settle()
  await tablet.jot(chat, 'it is')
  await world.forward(31_000)
  await tablet.client.sync()
  await world.settle()
  expect(tablet.heard(bob)).toContain('is it you again?')
  expect(bob.phone.heard(alice)).toContain('it is')
  expect(laptop.heard(bob)).toEqual(['hello'])
  const left = (await tablet.client.devices()).map(({ device }) => device)
  expect(left).toEqual([idOf(tablet)])
})

test('a leaf that has been silent for 85 days keeps nobody out (C10)', async () => {
  await using world = await createWorld()
  vi.useFakeTimers({ toFake: ['Date'], now: world.now() })
  try {
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await world.account('carol', 'phone')
    const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
    await world.settle()
    const walk = alice.phone.client.chats().find((one) => one.chat === chat)
    expect(walk?.with).toContain('carol')
    world.network.disconnect('carol.phone')
    // The others look in now and then, as people do.
    for (let day = 0; day < 85; day += 17) {
      await world.forward(17 * dayMs)
      vi.setSystemTime(world.now())
      for (const { phone } of [alice, bob]) {
        await phone.client.sync()
        await phone.say(chat, `${phone.name} on day ${day}`)
      }
    }
    const dave = await world.account('dave', 'phone')
    await alice.phone.client.addToGroup(chat, ['dave'])
    const laptop = await world.link(bob.phone, 'laptop')
    await world.settle()
    await bob.phone.say(chat, 'welcome')
    await world.settle()
    expect(dave.phone.heard(chat)).toEqual(['welcome'])
    expect(laptop.shows(chat)).toEqual(['welcome'])
    await laptop.jot(chat, 'from the laptop')
    await world.forward(31_000)
    await laptop.client.sync()
    await world.settle()
    expect(dave.phone.heard(chat)).toEqual(['welcome', 'from the laptop'])
  } finally {
    vi.useRealTimers()
  }
})
