import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('somebody with three devices who is taken out of a group is out with all of them, in one commit', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop', 'tablet')
  const carol = await world.account('carol', 'phone', 'laptop')
  const { chat } = await alice.phone.client.createGroup('Summer', ['bob', 'carol'])
  await world.settle()
  await bob.tablet.say(chat, 'from my tablet')
  await world.settle()
  let commits = 0
  world.relay.tamper(({ direction, frame: { kind } }) => {
    if (direction === 'to-relay' && kind.case === 'request' && kind.value.call.case === 'commit') commits += 1
    return undefined
  })
  await alice.phone.client.removeFromGroup(chat, 'bob')
  await world.settle()
  expect(commits).toBe(1)
  await alice.phone.say(chat, 'only us now')
  await carol.laptop.say(chat, 'I hear you')
  await world.settle()
  expect(carol.phone.shows(chat)).toEqual(['from my tablet', 'only us now', 'I hear you'])
  for (const device of bob.devices) expect(device.shows(chat)).not.toContain('only us now')
})

test('two people leave with all their devices; whoever speaks next takes all of them out', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  const carol = await world.account('carol', 'phone', 'laptop')
  const dave = await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Summer', ['bob', 'carol', 'dave'])
  await world.settle()
  alice.phone.disconnect()
  dave.phone.disconnect()
  await bob.laptop.client.leaveGroup(chat)
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  dave.phone.connect()
  await dave.phone.say(chat, 'who is left?')
  alice.phone.connect()
  await world.settle()
  expect(alice.phone.shows(chat)).toContain('who is left?')
  for (const device of [...bob.devices, ...carol.devices]) expect(device.shows(chat)).not.toContain('who is left?')
  expect(alice.phone.client.chats().find((one) => one.chat === chat)?.with).toEqual(['dave'])
})
