import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('both write to each other for the first time at once: one direct chat, both texts, one order', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone', 'laptop')
  await Promise.all([alice.phone.say(bob, 'from alice'), bob.phone.say(alice, 'from bob')])
  await world.settle()
  const shown = alice.phone.shows(bob)
  expect([...shown].sort()).toEqual(['from alice', 'from bob'])
  for (const device of alice.devices) expect(device.shows(bob)).toEqual(shown)
  for (const device of bob.devices) expect(device.shows(alice)).toEqual(shown)
  expect(alice.phone.chat(bob)).toBe(bob.phone.chat(alice))
})

test('all four devices of two people open their chat at once', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone', 'laptop')
  await Promise.all([
    alice.phone.say(bob, 'a phone'),
    alice.laptop.say(bob, 'a laptop'),
    bob.phone.say(alice, 'b phone'),
    bob.laptop.say(alice, 'b laptop'),
  ])
  await world.settle()
  const shown = alice.phone.shows(bob)
  expect([...shown].sort()).toEqual(['a laptop', 'a phone', 'b laptop', 'b phone'])
  expect(alice.laptop.shows(bob)).toEqual(shown)
  for (const device of bob.devices) expect(device.shows(alice)).toEqual(shown)
})

test('two admins change the group at once: both changes stand', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const dave = await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  await alice.phone.client.setAdmin(chat, 'bob', true)
  await world.settle()
  await Promise.all([alice.phone.client.addToGroup(chat, ['carol']), bob.phone.client.addToGroup(chat, ['dave'])])
  await world.settle()
  for (const one of [alice, bob, carol, dave]) {
    const view = one.phone.client.chats().find((each) => each.chat === chat)
    expect([...(view?.with ?? []), one.handle].sort()).toEqual(['alice', 'bob', 'carol', 'dave'])
  }
  await dave.phone.say(chat, 'all here')
  await world.settle()
  for (const one of [alice, bob, carol]) expect(one.phone.heard(chat)).toEqual(['all here'])
})

test('one person leaves no trace of two commits at once by their two devices', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  await Promise.all([
    alice.phone.client.addToGroup(chat, ['carol']),
    alice.laptop.client.addToGroup(chat, ['carol']),
    bob.phone.say(chat, 'meanwhile'),
  ])
  await world.settle()
  for (const device of [alice.phone, alice.laptop]) expect(device.shows(chat)).toEqual(['meanwhile'])
  expect(alice.laptop.client.chats().find((one) => one.chat === chat)?.with).toEqual(['bob', 'carol'])
})

test('a group grows and shrinks while everybody writes: all who stay show the same', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const dave = await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  const written = [alice.laptop, bob.phone, carol.phone].flatMap((device) =>
    Array.from({ length: 10 }, (_, n) => device.say(chat, `${device.name} ${n}`).then(() => undefined)),
  )
  await Promise.all([
    ...written.map((one) => one.catch(() => undefined)),
    alice.phone.client.addToGroup(chat, ['dave']).then(() => alice.phone.client.removeFromGroup(chat, 'carol')),
  ])
  await world.settle()
  const shown = alice.phone.shows(chat)
  for (const writer of [alice.laptop, bob.phone]) {
    const own = Array.from({ length: 10 }, (_, n) => `${writer.name} ${n}`)
    expect(shown.filter((text) => text.startsWith(writer.name))).toEqual(own)
  }
  // What Carol wrote in time is there, in her order, and nothing after.
  const carols = shown.filter((text) => text.startsWith('carol'))
  expect(carols).toEqual(Array.from({ length: carols.length }, (_, n) => `carol.phone ${n}`))
  expect(alice.laptop.shows(chat)).toEqual(shown)
  expect(bob.phone.shows(chat)).toEqual(shown)
  await bob.phone.say(chat, 'without carol')
  await world.settle()
  expect(dave.phone.heard(chat)).toContain('without carol')
  expect(carol.phone.shows(chat)).not.toContain('without carol')
})

test('who died while making the chat that the other side made first writes in theirs', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  alice.phone.disconnect()
  await bob.phone.say(alice, 'from bob')
  const chat = bob.phone.chat(alice)
  // What such a death leaves behind: the chat is known from the other side, and one's own first commit of it waits.
  alice.phone.database.run("insert into chat (chat, kind, state) values (?, 'direct', 'joining')", chat)
  alice.phone.database.run(
    `insert into pending_commit (chat, commit_id, epoch, scratch, creates, message, group_info, purpose)
     values (?, x'01', 0, 0, x'02', x'03', x'04', 'create')`,
    chat,
  )
  alice.phone.connect()
  await world.settle()
  await alice.phone.say(bob, 'from alice')
  await world.settle()
  expect(bob.phone.shows(alice)).toEqual(['from bob', 'from alice'])
  expect(alice.phone.shows(bob)).toEqual(['from bob', 'from alice'])
})
