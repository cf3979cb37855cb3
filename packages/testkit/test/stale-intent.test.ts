import { bytesOf } from '@quintet/domain'
import { expect, test } from 'vitest'
import { damage } from './lying-log.ts'
import { createWorld } from './world.ts'

test('who left and was let in again stays, also for a device that heard of the leaving and had to come in anew', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  const heard = () => alice.laptop.database.get('select 1 as one from intent where chat = ?', chat)
  expect(heard()).toBeDefined()
  // Its keys are lost before the commit comes that takes Carol out, so that it knows nothing of that commit.
  alice.laptop.disconnect()
  damage(alice.laptop, 1, 'lost')
  alice.laptop.restart()
  await alice.phone.say(chat, 'without carol')
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  alice.laptop.connect()
  await world.settle()
  await alice.laptop.say(chat, 'all here')
  await world.settle()
  for (const device of [alice.phone, alice.laptop, bob.phone, carol.phone]) {
    expect(device.client.chats().find((one) => one.chat === chat)?.held).toBeUndefined()
    expect(device.shows(chat).at(-1)).toBe('all here')
  }
  expect(alice.phone.engine?.view(bytesOf(chat))?.leaves).toHaveLength(4)
})

test('who was away while somebody was let in and left again takes both as they came', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  bob.phone.disconnect()
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  bob.phone.connect()
  await world.settle()
  await alice.phone.say(chat, 'without carol')
  await world.settle()
  expect(bob.phone.client.chats().find((one) => one.chat === chat)?.held).toBeUndefined()
  await bob.phone.say(chat, 'so it is')
  await world.settle()
  expect(alice.phone.shows(chat)).toEqual(['without carol', 'so it is'])
  expect(bob.phone.shows(chat)).toEqual(['without carol', 'so it is'])
})

test('who left on a device that was linked while somebody was away is taken out before that one writes (C6, C7)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  bob.phone.disconnect()
  const tablet = await world.link(carol.phone, 'tablet')
  await world.settle()
  await tablet.client.leaveGroup(chat)
  bob.phone.connect()
  await bob.phone.say(chat, 'not for carol')
  const stored = await world.relay.store.chats.load(chat)
  expect(stored?.members.filter(({ leaf }) => leaf !== undefined).map(({ account }) => account)).not.toContain(
    carol.account,
  )
})
