import type { Device, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

const dayMs = 24 * 60 * 60 * 1000
const yearMs = 365 * dayMs
const bothWays = [
  ['a year ahead', yearMs],
  ['a year behind', -yearMs],
] as const

const devicesOf = async (device: Device) => (await device.client.devices()).map((one) => one.name).sort()

function wrong(world: World, name: string, offMs: number): Device {
  const [handle = '', device = ''] = name.split('.')
  const made = world.device(handle, device)
  made.setClockOff(offMs)
  return made
}

test.each(bothWays)('a phone whose clock is %s signs up, is written to, writes and makes groups', async (_, offMs) => {
  await using world = await createWorld()
  const bob = await world.account('bob', 'phone', 'web')
  const carol = await world.account('carol', 'phone')
  const dave = wrong(world, 'dave.phone', offMs)
  await dave.client.signUp({ handle: 'dave', deviceName: 'phone', kind: 'phone' })
  await dave.client.sync()
  await bob.phone.say({ handle: 'dave' }, 'what year is it where you are?')
  await world.settle()
  expect(dave.heard()).toEqual(['what year is it where you are?'])
  await dave.client.accept('bob')
  await dave.say(bob, 'the same')
  const { chat } = await dave.client.createGroup('Time', ['bob', 'carol'])
  await world.settle()
  await dave.say(chat, 'hello all')
  await carol.phone.say(carol.phone.chat('Time'), 'hello')
  await world.settle()
  expect(bob.web.shows('Time')).toEqual(['hello all', 'hello'])
  expect(bob.web.heard({ handle: 'dave' })).toEqual(['the same'])
  // Nobody's device was let go for what one clock said, and nothing is said to be wrong.
  expect(await devicesOf(bob.phone)).toEqual(['phone', 'web'])
  for (const device of [...bob.devices, ...carol.devices, dave]) expect(device.client.notices()).toEqual([])
  // The time of a message is the relay's.
  const at = Date.parse(bob.phone.client.messages(chat, 5)[0]?.at ?? '')
  expect(Math.abs(at - world.now())).toBeLessThan(dayMs)
  expect(Math.abs(Date.parse(dave.client.messages(chat, 5)[0]?.at ?? '') - world.now())).toBeLessThan(dayMs)
})

test.each(bothWays)(
  'with an approver whose clock is %s a device is linked, and so it is the other way round',
  async (_, offMs) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await alice.phone.say(bob, 'one')
    await world.settle()
    alice.phone.setClockOff(offMs)
    const laptop = await world.link(alice.phone, 'laptop', { manage: true })
    laptop.setClockOff(offMs)
    alice.phone.setClockOff(0)
    laptop.restart()
    await world.settle()
    const tablet = await world.link(laptop, 'tablet')
    tablet.setClockOff(-offMs)
    tablet.restart()
    await world.settle()
    await tablet.say(bob, 'two')
    await world.settle()
    expect(bob.phone.heard()).toEqual(['one', 'two'])
    expect(await devicesOf(alice.phone)).toEqual(['laptop', 'phone', 'tablet'])
    for (const device of [alice.phone, laptop, tablet]) expect(device.client.notices()).toEqual([])
  },
)

test.each(bothWays)(
  'a new device whose clock is %s is linked within the two minutes, and still on probation',
  async (_, offMs) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const web = wrong(world, 'alice.laptop', offMs)
    let shown = (_offer: string) => {}
    const offered = new Promise<string>((resolve) => {
      shown = resolve
    })
    const linking = web.client.link(
      { kind: 'desktop', name: 'laptop' },
      { offer: ({ offer }) => shown(offer), confirm: async () => true },
    )
    await alice.phone.client.approve(
      await world.until(offered),
      { manage: false },
      { pick: async ({ right }) => right },
    )
    await linking
    await world.settle()
    const [self] = (await web.client.devices()).filter((one) => one.self)
    expect(self?.manage).toBe(false)
    await web.client.sync()
    // Its own clock says that the day has long passed, or never will.
    await expect(web.client.makeMain(self?.device ?? expect.unreachable('it is listed'))).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await world.forward(dayMs + 60_000)
    await web.client.sync()
    await world.settle()
    expect((await alice.phone.client.devices()).map((one) => one.manage)).toEqual([true, true])
  },
)

test.each(bothWays)(
  'a clock that is set %s while the app runs, and set right again, changes nothing',
  async (_, offMs) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone', 'laptop')
    const bob = await world.account('bob', 'phone')
    await alice.laptop.say(bob, 'one')
    await world.settle()
    alice.laptop.setClockOff(offMs)
    await alice.laptop.client.sync()
    await alice.laptop.say(bob, 'two')
    await bob.phone.say(alice, 'three')
    await world.forward(5 * 60_000)
    alice.laptop.setClockOff(0)
    await alice.laptop.client.sync()
    await alice.laptop.say(bob, 'four')
    alice.laptop.setClockOff(offMs)
    alice.laptop.restart()
    await world.settle()
    await alice.laptop.say(bob, 'five')
    alice.laptop.setClockOff(0)
    alice.laptop.restart()
    await world.settle()
    await alice.laptop.say(bob, 'six')
    await world.settle()
    expect(bob.phone.shows(alice)).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
    expect(alice.laptop.shows(bob)).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
    expect(await devicesOf(alice.phone)).toEqual(['laptop', 'phone'])
    // A connection that died without a word is noticed all the same.
    alice.laptop.setClockOff(-Math.abs(offMs))
    world.network.halfOpen('alice.laptop')
    await world.forward(2 * 60_000)
    await world.settle()
    await bob.phone.say(alice, 'seven')
    await world.settle()
    expect(alice.laptop.heard().at(-1)).toBe('seven')
  },
)

test.each(bothWays)(
  'what a device holds back until somebody vouches for it goes out, its clock set right from %s',
  async (_, offMs) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    const carol = await world.account('carol', 'phone')
    const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
    await world.settle()
    alice.phone.setClockOff(offMs)
    const laptop = world.device('alice', 'laptop')
    laptop.setClockOff(offMs)
    laptop.disconnect()
    laptop.connect()
    await world.settle()
    const tablet = await world.link(alice.phone, 'tablet')
    tablet.setClockOff(offMs)
    tablet.restart()
    await world.settle()
    tablet.disconnect()
    alice.phone.disconnect()
    await bob.phone.client.sync()
    tablet.setClockOff(0)
    tablet.connect()
    await world.settle()
    await world.forward(31_000)
    await tablet.say(chat, 'I am here')
    await world.settle()
    expect(bob.phone.heard(chat)).toEqual(['I am here'])
    expect(carol.phone.client.chats().filter((one) => one.kind !== 'self')).toEqual([])
  },
)

test('a device whose clock was a year behind for two months has fresh key packages once it was online', async () => {
  await using world = await createWorld()
  const bob = await world.account('bob', 'phone')
  const dave = wrong(world, 'dave.phone', -yearMs)
  await dave.client.signUp({ handle: 'dave', deviceName: 'phone', kind: 'phone' })
  await dave.client.sync()
  await world.forward(65 * dayMs)
  await dave.client.sync()
  await world.settle()
  dave.disconnect()
  await world.forward(20 * dayMs)
  await bob.phone.jot({ handle: 'dave' }, 'still there?')
  await world.settle()
  dave.connect()
  await world.settle()
  await dave.client.sync()
  expect(dave.heard()).toEqual(['still there?'])
})
