import type { Device } from '@quintet/testkit'
import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import { expect, test } from 'vitest'
import { engineOf } from './engine-of.ts'
import { heldIn } from './lying-log.ts'
import { createWorld } from './world.ts'

const told = (device: Device) => device.client.notices().map((notice) => notice.sentence)

test('two first messages at once alarm nobody', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone', 'laptop')
  await Promise.all([
    alice.phone.say(bob, 'from alice'),
    alice.laptop.say(bob, 'too'),
    bob.phone.say(alice, 'from bob'),
  ])
  await world.settle()
  for (const device of [...alice.devices, ...bob.devices]) expect(told(device)).toEqual([])
})

test.each<readonly [string, (carol: Device, chat: ChatId) => Promise<void>]>([
  ['somebody is just leaving', (carol, chat) => carol.client.leaveGroup(chat)],
  ['has a member whose account has ended', (carol) => carol.client.deleteAccount()],
])('a device that enters a group which %s is alarmed by nothing', async (_, goes) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  alice.phone.disconnect()
  await goes(carol.phone, chat)
  const laptop = await world.link(bob.phone, 'laptop')
  await world.settle()
  expect(told(laptop)).toEqual([])
  await laptop.say(chat, 'I am in')
  alice.phone.connect()
  await world.settle()
  expect(alice.phone.heard(chat)).toEqual(['I am in'])
  expect(told(alice.phone)).toEqual([])
})

test('nor by a leaf of a device that was unlinked and not taken out yet', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const chat = alice.phone.chat(bob)
  world.relay.tamper(({ device, direction, call }) =>
    device === 'alice.phone' && direction === 'to-relay' && call === 'commit' ? [] : undefined,
  )
  const tablet = (await alice.phone.client.devices()).find((one) => one.name === 'tablet')
  alice.phone.client.unlink(tablet?.device ?? expect.unreachable('it is listed')).catch(() => undefined)
  await world.forward(1_000)
  alice.phone.kill()
  const laptop = await world.link(bob.phone, 'laptop')
  await world.settle()
  expect(told(laptop)).toEqual([])
  expect(heldIn(laptop, chat)).toBeUndefined()
})

test('who was taken out and in again writes, and nobody is told of anything left out', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await bob.phone.say(chat, 'one')
  await bob.phone.say(chat, 'two')
  await world.settle()
  await alice.phone.client.removeFromGroup(chat, 'bob')
  await world.settle()
  await alice.phone.client.addToGroup(chat, ['bob'])
  await world.settle()
  await bob.phone.say(chat, 'three')
  await world.settle()
  expect(alice.phone.heard(chat)).toEqual(['one', 'two', 'three'])
  expect([told(alice.phone), told(bob.phone)]).toEqual([[], []])
})

test('a group whose making was cut off is made later, and has its name', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  world.network.cutOnce(
    ({ device, direction, call }) => device === 'alice.phone' && direction === 'to-relay' && call === 'createChat',
  )
  await alice.phone.client.createGroup('Walk', ['bob']).catch(() => undefined)
  await world.settle()
  await alice.phone.client.sync()
  await world.settle()
  expect(bob.phone.client.chats().map((one) => one.title)).toContain('Walk')
})

test('a first message that was cut off goes later, though a device that it was for is unlinked since', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  world.network.cutOnce(
    ({ device, direction, call }) => device === 'alice.phone' && direction === 'to-relay' && call === 'createChat',
  )
  await alice.phone.jot(bob, 'hello').catch(() => undefined)
  alice.phone.disconnect()
  const laptop = (await bob.phone.client.devices()).find((one) => one.name === 'laptop')
  await bob.phone.client.unlink(laptop?.device ?? expect.unreachable('it is listed'))
  alice.phone.connect()
  await world.settle()
  await alice.phone.say(bob, 'hello again')
  await world.settle()
  expect(bob.phone.heard()).toContain('hello again')
})

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  'a device that dies %i steps into its first message, while the other side writes first, comes to the same chat',
  async (steps) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    alice.phone.crashAfter(steps)
    await Promise.allSettled([alice.phone.say(bob, 'from alice'), bob.phone.say(alice, 'from bob')])
    if (alice.phone.isRunning) alice.phone.kill()
    alice.phone.restart()
    await world.settle()
    await alice.phone.say(bob, 'after')
    await bob.phone.say(alice, 'after too')
    await world.settle()
    const shown = bob.phone.shows(alice)
    expect(shown.slice(-2)).toEqual(['after', 'after too'])
    expect(alice.phone.shows(bob)).toEqual(shown)
    expect(new Set(shown).size).toBe(shown.length)
    expect([told(alice.phone), told(bob.phone)]).toEqual([[], []])
  },
)

test('a relay that forgets once to name a chat ends it for nobody', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const chat = bytesOf(alice.phone.chat(bob))
  const stop = world.relay.tamper(({ device, frame }) => {
    const { kind } = frame
    if (device !== 'alice.phone' || kind.case !== 'response' || kind.value.result.case !== 'sync') return undefined
    const state = kind.value.result.value
    state.chats = state.chats.filter((one) => !sameBytes(one.chat, chat))
    return [{ ...frame }]
  })
  await alice.phone.client.sync()
  stop()
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'still here')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'still here'])
})

test('who dies while leaving a group has left it with the next start, and keeps no key of it', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  const { chat } = await bob.phone.client.createGroup('Walk', ['alice'])
  await world.settle()
  expect(engineOf(alice.laptop).view(bytesOf(chat))).toBeDefined()
  const stop = world.relay.tamper(({ device, direction, call }) => {
    if (device !== 'alice.phone' || direction !== 'to-relay' || call !== 'leave') return undefined
    alice.phone.kill()
    return []
  })
  await alice.phone.client.leaveGroup(chat).catch(() => undefined)
  stop()
  alice.phone.restart()
  await world.settle()
  await bob.phone.say(chat, 'without you')
  await world.settle()
  expect(bob.phone.client.chats().find((one) => one.chat === chat)?.with).toEqual([])
  for (const device of alice.devices) {
    expect(heldIn(device, chat)).toContain('You left')
    expect(device.shows(chat)).toEqual([])
    expect(engineOf(device).view(bytesOf(chat))).toBeUndefined()
  }
})
