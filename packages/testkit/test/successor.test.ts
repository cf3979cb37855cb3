import type { ChatId } from '@quintet/domain'
import type { Device } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/** What a commit that this device refuses leaves behind (C12). */
function stop(device: Device, chat: ChatId): void {
  device.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
}

test('a direct chat that somebody’s commit has stopped goes on, as one conversation, on every device', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await bob.phone.say(alice, 'two')
  await world.settle()
  const chat = alice.phone.chat(bob)
  for (const device of [...alice.devices, ...bob.devices]) stop(device, chat)
  await alice.phone.say(bob, 'three')
  await world.settle()
  await bob.phone.say(alice, 'four')
  await world.settle()
  for (const device of [alice.phone, alice.laptop]) {
    expect(device.shows(bob)).toEqual(['one', 'two', 'three', 'four'])
    expect(device.client.chats().filter((one) => one.kind === 'direct')).toHaveLength(1)
  }
  expect(bob.phone.shows(alice)).toEqual(['one', 'two', 'three', 'four'])
  expect(bob.phone.client.chats().filter((one) => one.kind === 'direct')).toHaveLength(1)
  expect(alice.phone.tickOf('three')).toBe('delivered')
})

test('both sides at once: one successor, nothing that waited is lost', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await bob.phone.say(alice, 'two')
  await world.settle()
  const chat = alice.phone.chat(bob)
  stop(alice.phone, chat)
  stop(bob.phone, chat)
  await Promise.all([alice.phone.say(bob, 'three'), bob.phone.say(alice, 'four')])
  await world.settle()
  const seen = alice.phone.shows(bob)
  expect([...seen].sort()).toEqual(['four', 'one', 'three', 'two'])
  expect(bob.phone.shows(alice)).toEqual(seen)
})

test('a group goes on by its admin, keeps its name, and who is no admin waits for that', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await bob.phone.say(chat, 'one')
  await world.settle()
  for (const { phone } of [alice, bob, carol]) stop(phone, chat)
  await expect(bob.phone.say(chat, 'me first')).rejects.toMatchObject({ code: 'held' })
  await alice.phone.client.sync()
  await world.settle()
  await bob.phone.say(chat, 'and on we go')
  await world.settle()
  for (const { phone } of [alice, bob, carol]) {
    expect(phone.shows('Walk').slice(-1)).toEqual(['and on we go'])
    expect(phone.client.chats().filter((one) => one.title === 'Walk')).toHaveLength(1)
  }
  expect(carol.phone.shows('Walk')[0]).toBe('one')
})

test('a device that is linked later finds the conversation where it goes on', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await bob.phone.say(alice, 'two')
  await world.settle()
  const chat = alice.phone.chat(bob)
  stop(alice.phone, chat)
  stop(bob.phone, chat)
  await alice.phone.say(bob, 'three')
  await world.settle()
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  await laptop.client.sync()
  await world.settle()
  await laptop.say(bob, 'four')
  await bob.phone.say(alice, 'five')
  await world.settle()
  expect(bob.phone.shows(alice).slice(-3)).toEqual(['three', 'four', 'five'])
  expect(laptop.shows(bob)).toEqual(['four', 'five'])
  expect(laptop.client.chats().filter((one) => one.kind === 'direct')).toHaveLength(1)
})
