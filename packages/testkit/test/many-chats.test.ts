import type { ChatId } from '@quintet/domain'
import { linkDevices } from '../src/linking.ts'
import type { Device, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/** Alice's phone shares that many groups with Bob's; answers them as they were last written to, the newest first. */
async function manyChats(world: World, count: number) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const groups: ChatId[] = []
  for (let at = 1; at <= count; at++) {
    const { chat } = await alice.phone.client.createGroup(`group ${at}`, ['bob'])
    await world.forward(60_000)
    groups.unshift(chat)
  }
  // The second one that was made is the one in use.
  const newest = groups.splice(count - 2, 1)
  await world.settle()
  await world.forward(60_000)
  for (const chat of newest) await bob.phone.say(chat, 'the last words')
  await world.settle()
  return { alice, bob, groups: [...newest, ...groups] }
}

/** In the order in which this device told of them. */
function entered(device: Device): readonly ChatId[] {
  return device.events.flatMap((event) => (event.event === 'chat' && event.change === 'new' ? [event.chat] : []))
}

test('a new device writes in the newest chat long before it has entered the others, its approver off by then', async () => {
  await using world = await createWorld()
  const { alice, bob, groups } = await manyChats(world, 20)
  const [newest = expect.unreachable('there are groups')] = groups
  const laptop = world.device('alice', 'laptop')
  world.network.delay(40, 20)
  await linkDevices(alice.phone, laptop, 'laptop')
  alice.phone.disconnect()
  expect(laptop.client.status().chatsPending).toBe(20)
  const pending: number[] = []
  bob.phone.client.on((event) => {
    if (event.event === 'message') pending.push(laptop.client.status().chatsPending)
  })
  await laptop.say(newest, 'from the laptop')
  await world.settle()
  expect(bob.phone.heard(newest)).toEqual(['from the laptop'])
  expect(pending[0]).toBeGreaterThan(10)
  expect(entered(laptop).slice(0, 2)).toEqual([laptop.chat('self'), newest])
  expect(new Set(entered(laptop))).toEqual(new Set([laptop.chat('self'), ...groups]))
  expect(laptop.client.status()).toMatchObject({ chatsPending: 0, gaps: 0, outbox: 0 })
})

test('whatever was written on a new device goes out as its chat is entered, also in one that is far down', async () => {
  await using world = await createWorld()
  const { alice, bob, groups } = await manyChats(world, 20)
  const last = groups.at(-1) ?? expect.unreachable('there are groups')
  const laptop = world.device('alice', 'laptop')
  world.network.delay(40, 20)
  await linkDevices(alice.phone, laptop, 'laptop')
  alice.phone.disconnect()
  const pending: number[] = []
  bob.phone.client.on((event) => {
    if (event.event === 'message') pending.push(laptop.client.status().chatsPending)
  })
  await laptop.say(last, 'first of all, here')
  await world.settle()
  expect(bob.phone.heard(last)).toEqual(['first of all, here'])
  expect(pending[0]).toBeGreaterThan(5)
  expect(laptop.client.status()).toMatchObject({ chatsPending: 0, gaps: 0, outbox: 0 })
})

test('a new device shows its chats in the order in which they were written to', async () => {
  await using world = await createWorld()
  const { alice, groups } = await manyChats(world, 4)
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  const shown = laptop.client.chats().filter((chat) => chat.kind === 'group')
  expect(shown.map((chat) => chat.chat)).toEqual(groups)
})

test('who comes back by the kit enters the newest chat first too, and writes in it at once', async () => {
  await using world = await createWorld()
  const { alice, bob, groups } = await manyChats(world, 20)
  const [newest = expect.unreachable('there are groups')] = groups
  await world.forward(2 * 60 * 60 * 1000)
  await alice.phone.client.sync()
  await world.settle()
  alice.phone.disconnect()
  const again = world.device('alice', 'desktop')
  world.network.delay(40, 20)
  await again.client.recover({ handle: 'alice', key: alice.recovery, name: 'Again' })
  const pending: number[] = []
  bob.phone.client.on((event) => {
    if (event.event === 'message') pending.push(again.client.status().chatsPending)
  })
  await again.say(newest, 'back again')
  await world.settle()
  expect(bob.phone.heard(newest)).toEqual(['back again'])
  expect(pending[0]).toBeGreaterThan(10)
  expect(again.client.status()).toMatchObject({ chatsPending: 0, gaps: 0, outbox: 0 })
})

test('whoever comes back enters no chat before it is known below what none is to be trusted', async () => {
  await using world = await createWorld()
  const { alice } = await manyChats(world, 3)
  const asked: string[] = []
  world.relay.tamper(({ device, direction, call }) => {
    const tells = (direction === 'to-device') === (call === 'getKitBlob')
    if (device === 'alice.desktop' && tells && (call === 'getKitBlob' || call === 'getGroupInfo')) asked.push(call)
    return undefined
  })
  const again = world.device('alice', 'desktop')
  await again.client.recover({ handle: 'alice', key: alice.recovery, name: 'Again' })
  await world.settle()
  expect(asked[0]).toBe('getKitBlob')
  expect(asked.filter((call) => call === 'getGroupInfo').length).toBeGreaterThan(3)
})

test('a device that is not in all its chats yet hands on what it was told of the others to whom it lets in', async () => {
  await using world = await createWorld()
  const { alice, bob, groups } = await manyChats(world, 3)
  const laptop = world.device('alice', 'laptop')
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'alice.laptop' && direction === 'to-relay' && call === 'getGroupInfo' ? [] : undefined,
  )
  await linkDevices(alice.phone, laptop, 'laptop', { manage: true })
  alice.phone.disconnect()
  const tablet = world.device('alice', 'tablet')
  await linkDevices(laptop, tablet, 'tablet')
  laptop.disconnect()
  stop()
  const before = world.now()
  for (const chat of groups) await tablet.say(chat, 'here')
  await world.settle()
  // At the floor: it waits for nobody to confirm anything (C8).
  expect(world.now() - before).toBeLessThan(20_000)
  for (const chat of groups) expect(bob.phone.heard(chat)).toContain('here')
})
