import { type ChatId, parseChatBytes } from '@quintet/domain'
import type { Device, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

/** The machine may be busy with much else. */
const timeout = 90_000

/** A group that had to go on in a new one and again in another, while one of its devices was away. */
async function goOnTwice(world: World) {
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  alice.laptop.disconnect()
  const second = await goOn([alice.phone, bob.phone], chat)
  await world.settle()
  await goOn([alice.phone, bob.phone], second)
  await world.settle()
  return { alice, bob, chat, second }
}

/** What a commit that all refuse leaves behind (C12); then somebody writes, and the group goes on (C13). */
async function goOn(stopped: readonly [Device, Device], chat: ChatId): Promise<ChatId> {
  for (const device of stopped)
    device.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await stopped[0].say(chat, 'on we go')
  return stopped[0].chat('Walk')
}

const walks = (device: Device) => device.client.chats().filter(({ title }) => title === 'Walk')

test('whoever adds somebody as soon as they are back does so where a group has gone on to by then', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await goOnTwice(world)
  alice.laptop.connect()
  await alice.laptop.client.addToGroup(chat, ['dave'])
  await world.settle()
  expect(walks(bob.phone)).toMatchObject([{ with: ['alice', 'dave'] }])
  expect(walks(alice.laptop)).toMatchObject([{ with: ['bob', 'dave'] }])
})

test('who is in the last of three groups before they hear of the second still has one conversation', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, chat, second } = await goOnTwice(world)
  const stop = world.relay.tamper(({ device, frame: { kind } }) => {
    const answer = device === 'alice.laptop' && kind.case === 'response' ? kind.value.result : undefined
    if (answer?.case !== 'sync') return undefined
    answer.value.chats = answer.value.chats.filter((one) => parseChatBytes(one.chat) !== second)
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  alice.laptop.connect()
  await world.settle()
  stop()
  await alice.laptop.client.sync()
  expect(walks(alice.laptop)).toHaveLength(1)
  await alice.laptop.say(chat, 'here I am')
  await world.settle()
  expect(bob.phone.shows('Walk').at(-1)).toBe('here I am')
  expect(alice.laptop.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
})

test('who cannot use the Welcome into the second of three groups still has one conversation', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await goOnTwice(world)
  let asked = 0
  world.relay.tamper(({ device, frame: { kind } }) => {
    const answer = device === 'alice.laptop' && kind.case === 'response' ? kind.value.result : undefined
    if (answer?.case !== 'welcome') return undefined
    asked += 1
    // The newest is asked for first.
    if (asked > 1) answer.value.welcome = answer.value.welcome.slice(0, -1)
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  alice.laptop.connect()
  await world.settle()
  expect(asked).toBeGreaterThan(1)
  expect(walks(alice.laptop)).toHaveLength(1)
  await alice.laptop.say(chat, 'here I am')
  await world.settle()
  expect(bob.phone.shows('Walk').at(-1)).toBe('here I am')
})
