import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import type { Device, SeenFrame, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/** What has been uploaded as GroupInfo of one chat, by the epoch that it is of. */
function groupInfos(world: World, chat: ChatId): ReadonlyMap<bigint, Uint8Array> {
  const infos = new Map<bigint, Uint8Array>()
  world.relay.tamper(({ frame: { kind } }) => {
    const call = kind.case === 'request' ? kind.value.call : undefined
    if (call?.case === 'commit' && call.value.upload && sameBytes(call.value.chat, bytesOf(chat)))
      infos.set(call.value.epoch + 1n, call.value.upload.groupInfo)
    return undefined
  })
  return infos
}

const asksToEnter =
  (name: string, chat: ChatId) =>
  ({ device, direction, frame: { kind } }: SeenFrame): boolean => {
    const call = kind.case === 'request' && device === name && direction === 'to-relay' ? kind.value.call : undefined
    return call?.case === 'getGroupInfo' && sameBytes(call.value.chat, bytesOf(chat))
  }

const heldIn = (device: Device, chat: ChatId) => device.client.chats().find((one) => one.chat === chat)?.held

test('an old GroupInfo, in which an unlinked device still reads, is refused by a new device', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await world.settle()
  const chat = alice.phone.chat(bob)
  const infos = groupInfos(world, chat)
  await alice.tablet.say(bob, 'two')
  await world.settle()
  const before = Math.max(...[...infos.keys()].map(Number))
  const tablet = (await alice.phone.client.devices()).find((device) => device.name === 'tablet')
  await alice.phone.client.unlink(tablet?.device ?? expect.unreachable('it is listed'))
  await world.settle()
  expect(Math.max(...[...infos.keys()].map(Number))).toBeGreaterThan(before)

  let commits = 0
  world.relay.tamper(({ device, direction, call, frame: { kind } }) => {
    if (device !== 'alice.laptop') return undefined
    if (direction === 'to-relay' && kind.case === 'request' && kind.value.call.case === 'commit')
      if (sameBytes(kind.value.call.value.chat, bytesOf(chat))) commits += 1
    const stale = infos.get(BigInt(before))
    const answer = kind.case === 'response' && call === 'getGroupInfo' ? kind.value.result : undefined
    if (answer?.case !== 'groupInfo' || stale === undefined || !isAbout(answer.value.groupInfo, chat)) return undefined
    answer.value.groupInfo = stale
    answer.value.epoch = BigInt(before)
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  expect(commits).toBe(0)
  expect(heldIn(laptop, chat)).toBeDefined()
  await laptop.jot(chat, 'who hears this?').catch(() => undefined)
  await bob.phone.say(alice, 'three')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one', 'two'])
  expect(laptop.heard()).toEqual([])
})

/** The chat's id stands in what is signed. */
function isAbout(groupInfo: Uint8Array, chat: ChatId): boolean {
  return Buffer.from(groupInfo).includes(Buffer.from(bytesOf(chat)))
}

/** Alice's laptop is linked and cut off before it has entered the chat with Bob; her phone is off while Bob links a device. */
async function lateJoiner(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await world.settle()
  const chat = alice.phone.chat(bob)
  const stop = world.relay.tamper((seen) => {
    if (!asksToEnter('alice.laptop', chat)(seen)) return undefined
    world.network.disconnect('alice.laptop')
    return 'cut'
  })
  await world.link(alice.phone, 'laptop').catch(() => undefined)
  stop()
  const laptop = alice.devices.at(-1) ?? expect.unreachable('it is linked')
  await world.settle()
  alice.phone.disconnect()
  await world.link(bob.phone, 'web')
  await world.settle()
  return { alice, bob, chat, laptop }
}

test('a chat that has moved on since it was linked: a new device waits for a sibling to confirm it, and then sends', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, laptop } = await lateJoiner(world)
  laptop.connect()
  await laptop.jot(chat, 'from the laptop')
  await world.settle()
  expect(heldIn(laptop, chat)).toBeDefined()
  expect(bob.phone.heard()).toEqual(['one'])
  const before = world.now()
  alice.phone.connect()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one', 'from the laptop'])
  expect(world.now() - before).toBeLessThan(25_000)
  expect(heldIn(laptop, chat)).toBeUndefined()
})

test('without a sibling it waits for half a minute, says why, and then sends', async () => {
  await using world = await createWorld()
  const { bob, chat, laptop } = await lateJoiner(world)
  laptop.connect()
  await laptop.jot(chat, 'from the laptop')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one'])
  expect(heldIn(laptop, chat)).toContain('30 seconds')
  await world.forward(35_000)
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one', 'from the laptop'])
  expect(heldIn(laptop, chat)).toBeUndefined()
})

test('without a sibling somebody else who writes there confirms it too', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, laptop } = await lateJoiner(world)
  laptop.connect()
  await laptop.jot(chat, 'from the laptop')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one'])
  await bob.phone.say(alice, 'anybody there?')
  await world.settle()
  expect([...laptop.shows(chat)].sort()).toEqual(['anybody there?', 'from the laptop'])
  expect(bob.phone.heard()).toEqual(['one', 'from the laptop'])
})

test('a new device that dies again and again while it enters its chats enters all of them', {
  timeout: 90_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const handles = ['bob', 'carol', 'dave', 'erin', 'frank']
  const friends = await Promise.all(handles.map((handle) => world.account(handle, 'phone')))
  for (const friend of friends) await friend.phone.say(alice, 'hello')
  await world.settle()
  const stop = world.relay.tamper((seen) => {
    if (seen.device !== 'alice.laptop' || seen.call !== 'sync' || seen.direction !== 'to-relay') return undefined
    const laptop = alice.devices.at(-1)
    if (laptop?.name === 'alice.laptop') laptop.disconnect()
    return undefined
  })
  await world.link(alice.phone, 'laptop').catch(() => undefined)
  stop()
  const laptop = alice.devices.at(-1) ?? expect.unreachable('it is linked')
  alice.phone.disconnect()
  for (let writes = 1; writes <= 14; writes++) {
    laptop.crashAfter(writes)
    laptop.connect()
    await world.settle()
    laptop.restart()
  }
  await world.settle()
  expect(laptop.client.status().chatsPending).toBe(0)
  alice.phone.connect()
  await world.settle()
  for (const friend of friends) {
    await laptop.say(friend, `to ${friend.handle}`)
    await friend.phone.say(alice, `from ${friend.handle}`)
  }
  await world.settle()
  for (const friend of friends) {
    expect(friend.phone.heard()).toEqual([`to ${friend.handle}`])
    expect(laptop.heard(friend)).toEqual([`from ${friend.handle}`])
  }
})

test('a Welcome whose log does not lead to where a sibling has been lets nobody in, and nothing is sent there', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  alice.phone.disconnect()
  await bob.phone.say(alice, 'are you there?')
  await world.settle()
  await alice.laptop.say(bob, 'I am')
  await world.settle()
  const chat = alice.laptop.chat(bob)
  const asked: string[] = []
  const stop = world.relay.tamper(({ device, direction, call, frame: { kind } }) => {
    if (device !== 'alice.phone') return undefined
    const request = kind.case === 'request' && direction === 'to-relay' ? kind.value.call : undefined
    const of = request?.case === 'append' || request?.case === 'commit' ? request.value.chat : undefined
    if (of !== undefined && sameBytes(of, bytesOf(chat))) asked.push(String(request?.case))
    // Nothing came after the Welcome, it says, and it has no better state either.
    if (call === 'getGroupInfo') return 'cut'
    const answer = kind.case === 'response' && call === 'fetch' ? kind.value.result : undefined
    const inChat = alice.phone.database.get("select 1 as one from chat where chat = ? and state = 'active'", chat)
    if (answer?.case !== 'fetched' || inChat === undefined) return undefined
    answer.value.entries = []
    answer.value.headSeq = 1n
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  alice.phone.connect()
  await world.settle()
  expect(alice.phone.database.all('select state from chat where chat = ?', chat)).toEqual([{ state: 'refused' }])
  expect(alice.phone.database.all('select cast(detail as text) as why from fault where subject = ?', chat)).toEqual([
    { why: 'below-floor' },
  ])
  expect(asked).toEqual([])
  stop()
  await world.forward(120_000)
  await alice.phone.client.sync()
  await world.settle()
  await bob.phone.say(alice, 'now?')
  await world.settle()
  expect(alice.phone.shows(bob).at(-1)).toBe('now?')
})
