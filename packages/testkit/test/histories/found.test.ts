import { type Account, seeded, type World } from '@quintet/testkit'
import type { Frame } from '@quintet/wire'
import { expect, test } from 'vitest'
import { damage } from '../lying-log.ts'
import { createWorld } from '../world.ts'

async function walk(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  return { alice, bob, carol, chat }
}

/** The machine may be busy with much else. */
const timeout = 90_000

const heldFor = ({ phone }: Account<'phone'>) => phone.client.chats().find((one) => one.title === 'Walk')?.held

test('out of a group and in again before one has heard of it: one goes on at once', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  const stop = world.relay.tamper(({ device, direction, frame: { kind } }) =>
    device === 'carol.phone' && direction === 'to-device' && kind.case === 'push' ? [] : undefined,
  )
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  stop()
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  await bob.phone.say(chat, 'welcome back')
  await world.settle()
  expect(carol.phone.shows(chat).at(-1)).toBe('welcome back')
  expect(heldFor(carol)).toBeUndefined()
})

test('out and in again while one was away: an entry that comes before one has heard of it is no sign that others were kept back', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, carol, chat } = await walk(world)
  carol.phone.disconnect()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await alice.phone.say(chat, 'nobody else is here')
  await alice.phone.client.addToGroup(chat, ['carol'])
  let newest: Frame | undefined
  const stop = world.relay.tamper(({ device, direction, call, frame }) => {
    const { kind } = frame
    if (kind.case === 'push' && kind.value.kind.case === 'entry') newest = frame
    if (device === 'carol.phone' && direction === 'to-relay' && call === 'sync' && newest !== undefined)
      world.relay.inject(carol.phone, newest)
    return undefined
  })
  await alice.phone.say(chat, 'welcome back')
  carol.phone.connect()
  await world.settle()
  stop()
  await alice.phone.say(chat, 'how was it?')
  await world.settle()
  expect(carol.phone.shows(chat)).toEqual(['welcome back', 'how was it?'])
  expect(carol.phone.database.all('select kind from fault')).toEqual([])
})

test('somebody whose devices have changed while one had nothing to do with them is no stranger in a new group', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  await world.link(bob.phone, 'laptop')
  await world.settle()
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  await carol.phone.say(chat, 'here again')
  await world.settle()
  expect(bob.phone.shows(chat)).toEqual(['here again'])
  expect(heldFor(carol)).toBeUndefined()
})

test('whoever has wished to leave can be let in again before anybody has taken them out', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, carol, chat } = await walk(world)
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  await alice.phone.say(chat, 'stay a while')
  await world.settle()
  expect(carol.phone.shows(chat)).toEqual(['stay a while'])
  expect(heldFor(carol)).toBeUndefined()
})

test('what was written in a group that one was put out of goes as soon as one is in again', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'carol.phone' && direction === 'to-relay' && call === 'append' ? 'cut' : undefined,
  )
  await carol.phone.jot(chat, 'am I still in?')
  carol.phone.disconnect()
  stop()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  carol.phone.connect()
  await world.settle()
  expect(bob.phone.shows(chat)).toEqual([])
  await alice.phone.client.addToGroup(chat, ['carol'])
  await world.settle()
  expect(bob.phone.shows(chat)).toEqual(['am I still in?'])
  expect(carol.phone.client.status().outbox).toBe(0)
})

test.each(['lost', 'garbled'] as const)(
  'a device whose keys are %s still adds people and approves devices',
  async (kind) => {
    await using world = await createWorld()
    const how = kind === 'lost' ? kind : seeded(1)
    const { alice, bob, chat } = await walk(world)
    await world.account('dave', 'phone')
    await alice.phone.say(bob, 'hello')
    await world.settle()
    damage(alice.phone, 1, how)
    alice.phone.restart()
    await alice.phone.client.addToGroup(chat, ['dave'])
    damage(alice.phone, 1, how)
    alice.phone.restart()
    const laptop = await world.link(alice.phone, 'laptop')
    await world.settle()
    await laptop.say(chat, 'from the laptop')
    await alice.phone.client.sync()
    await world.settle()
    expect(bob.phone.shows(chat)).toEqual(['from the laptop'])
    expect(alice.phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
  },
)

test('a device that is linked after a group had to go on in a new one knows what it is called', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  for (const { phone } of [alice, bob, carol])
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await alice.phone.say(chat, 'and on we go')
  await world.settle()
  const laptop = await world.link(bob.phone, 'laptop')
  await world.settle()
  expect(laptop.client.chats().map(({ title }) => title)).toContain('Walk')
})

test('who comes back to the network and adds somebody at once goes by who is in by then', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, carol, chat } = await walk(world)
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  laptop.disconnect()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  laptop.connect()
  await laptop.client.addToGroup(chat, ['carol'])
  await world.settle()
  await laptop.say(chat, 'there you are')
  await world.settle()
  expect(carol.phone.shows(chat)).toEqual(['there you are'])
})

test('who was away when a group had to go on in a new one misses nothing of what was said before', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  carol.phone.disconnect()
  await bob.phone.say(chat, 'while she is away')
  await world.settle()
  for (const { phone } of [alice, bob])
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await alice.phone.say(chat, 'and on we go')
  await world.settle()
  carol.phone.connect()
  await world.settle()
  expect(carol.phone.shows('Walk')).toEqual(['while she is away', 'and on we go'])
  expect(carol.phone.client.status().gaps).toBe(0)
})

test('whoever has wished to leave a group that had to go on in a new one is not taken along', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  for (const { phone } of [alice, bob])
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await alice.phone.say(chat, 'and on we go')
  await world.settle()
  expect(bob.phone.shows('Walk')).toEqual(['and on we go'])
  expect(alice.phone.client.chats().find(({ title }) => title === 'Walk')?.with).toEqual(['bob'])
  expect(carol.phone.heard()).toEqual([])
  expect(carol.phone.client.chats().flatMap(({ chat: id, kind }) => (kind === 'group' ? [id] : []))).toEqual([chat])
})

test('who was away when a group had to go on in a new one writes where the others read', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  carol.phone.disconnect()
  for (const { phone } of [alice, bob])
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await alice.phone.say(chat, 'and on we go')
  await world.settle()
  carol.phone.connect()
  const sent = await carol.phone.say(chat, 'wait for me')
  await world.settle()
  for (const { phone } of [alice, bob, carol]) expect(phone.shows('Walk')).toEqual(['and on we go', 'wait for me'])
  const [last] = carol.phone.client.messages(sent.chat, 1)
  expect(sent).toMatchObject({ chat: bob.phone.chat('Walk'), id: last?.id, seq: last?.seq })
})

test('who is put out while an entry before that is still to be fetched learns of it, and so does a device linked then', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  let lost = 0
  const stop = world.relay.tamper(({ device, direction, frame: { kind } }) => {
    const isEntry = kind.case === 'push' && kind.value.kind.case === 'entry'
    if (device !== 'carol.phone' || direction !== 'to-device' || !isEntry || lost > 0) return undefined
    lost += 1
    return []
  })
  await bob.phone.say(chat, 'one')
  await world.settle()
  stop()
  expect(lost).toBe(1)
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  expect(heldFor(carol)).toContain('no longer a member')
  const laptop = await world.link(carol.phone, 'laptop')
  await world.settle()
  expect(laptop.client.status().chatsPending).toBe(0)
})

test('a device that is linked after a group went on without its account does not try to enter what was left behind', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat } = await walk(world)
  for (const { phone } of [alice, bob, carol])
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await alice.phone.say(chat, 'and on we go')
  await world.settle()
  await alice.phone.client.removeFromGroup(alice.phone.chat('Walk'), 'carol')
  await world.settle()
  const tablet = await world.link(carol.phone, 'tablet')
  await world.settle()
  const tried = tablet.database.all("select state from chat where chat = ? and state <> 'ended'", chat)
  expect({ tried, pending: tablet.client.status().chatsPending }).toEqual({ tried: [], pending: 0 })
})

test('a phone that was off while somebody wrote first and the laptop answered shows all of it', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  alice.phone.disconnect()
  await bob.phone.say(alice, 'are you there?')
  await world.settle()
  await alice.laptop.say(bob, 'I am')
  await bob.phone.say(alice, 'good')
  await world.settle()
  alice.phone.connect()
  await world.settle()
  expect(alice.phone.shows(bob)).toEqual(['are you there?', 'I am', 'good'])
  expect(alice.phone.client.status()).toMatchObject({ gaps: 0, chatsPending: 0 })
  expect(alice.phone.database.all('select kind from fault')).toEqual([])
  await alice.phone.say(bob, 'me too')
  await world.settle()
  expect(bob.phone.shows(alice).at(-1)).toBe('me too')
})

test('who was let in before it learnt of a Welcome takes that one after all, and misses nothing', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, chat } = await walk(world)
  const dave = await world.account('dave', 'phone')
  dave.phone.disconnect()
  await alice.phone.client.addToGroup(chat, ['dave'])
  await alice.phone.say(chat, 'this is dave')
  await world.settle()
  // As when the Welcome comes only after the device has asked for it.
  world.relay.tamper(({ device, direction, frame: { kind } }) => {
    const answer = device === 'dave.phone' && kind.case === 'response' ? kind.value.result : undefined
    if (direction !== 'to-device' || answer?.case !== 'sync') return undefined
    for (const state of answer.value.chats) state.welcome = false
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  dave.phone.connect()
  await world.settle()
  expect(dave.phone.shows(chat)).toEqual(['this is dave'])
  expect(dave.phone.client.status().gaps).toBe(0)
})
