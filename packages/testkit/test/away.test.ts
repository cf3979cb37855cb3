import type { World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

async function walk(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await carol.phone.say(chat, 'one')
  await world.settle()
  carol.phone.disconnect()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await alice.phone.say(chat, 'not for carol')
  return { alice, bob, carol, chat }
}

test('a member that was removed while it was away hears so when it comes back', async () => {
  await using world = await createWorld()
  const { carol, chat } = await walk(world)
  carol.phone.connect()
  await world.settle()
  expect(carol.phone.client.chats().find((one) => one.chat === chat)?.held).toContain('no longer a member')
  await expect(carol.phone.say(chat, 'hello?')).rejects.toMatchObject({ code: 'not-allowed' })
})

test('a member that was removed and taken in again while it was away goes on', async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  await alice.phone.client.addToGroup(chat, ['carol'])
  await alice.phone.say(chat, 'welcome back')
  carol.phone.connect()
  await world.settle()
  expect(carol.phone.shows(chat)).toEqual(['one', 'welcome back'])
  await carol.phone.say(chat, 'thank you')
  await world.settle()
  for (const one of [alice, bob])
    expect(one.phone.shows(chat)).toEqual(['one', 'not for carol', 'welcome back', 'thank you'])
  expect(carol.phone.shows(chat)).toEqual(['one', 'welcome back', 'thank you'])
})

test('what it wrote while it was away goes when it is in again', async () => {
  await using world = await createWorld()
  const { alice, carol, chat } = await walk(world)
  await carol.phone.jot(chat, 'are you there?')
  await alice.phone.client.addToGroup(chat, ['carol'])
  carol.phone.connect()
  await world.settle()
  expect(carol.phone.client.status()).toMatchObject({ outbox: 0 })
  expect(alice.phone.heard(chat).filter((text) => text === 'are you there?')).toHaveLength(1)
})
