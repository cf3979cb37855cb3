import { type Append, create, type Entry, EntryKind, EntrySchema } from '@quintet/wire'
import type { ChatId } from '@quintet/domain'
import type { Device, World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { entryPush, fool, overhear } from './fooled.ts'
import { createWorld } from './world.ts'

/** As the lying relay would number what it took from somebody who is out. */
function asEntry(device: Device, from: Device, chat: ChatId, append: Append, atMs: number): Entry {
  const cursor = Number(device.database.get('select cursor from chat where chat = ?', chat)?.['cursor'] ?? 0)
  return create(EntrySchema, {
    seq: BigInt(cursor + 1),
    atMs: BigInt(atMs),
    epoch: append.epoch,
    kind: EntryKind.MESSAGE,
    content: true,
    device: Buffer.from((from.client.self()?.device ?? '').slice(2), 'hex'),
    n: append.n,
    message: append.message,
  })
}

async function unlink(by: Device, name: string): Promise<void> {
  const device = (await by.client.devices()).find((one) => one.name === name)
  await by.client.unlink(device?.device ?? expect.unreachable('it is listed'))
}

/** Alice's tablet, which a lying relay keeps in the dark, has just been unlinked. */
async function unlinkedTablet(world: World) {
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await bob.phone.say(alice, 'hello')
  await world.settle()
  // Its leaf is renewed before its first words (P3): later ones need no commit.
  await alice.tablet.say(bob, 'hi')
  await world.settle()
  const chat = bob.phone.chat(alice)
  const log = overhear(world, alice.phone, chat)
  const tablet = fool(world, alice.tablet)
  return { alice, bob, chat, log, tablet }
}

test('an unlinked device to which the relay goes on delivering reads nothing more', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, log, tablet } = await unlinkedTablet(world)
  // What was said before is its to read: the lying relay does deliver.
  await bob.phone.say(alice, 'still for all of you')
  await world.settle()
  for (const entry of log) tablet.feed(chat, entry)
  await world.settle()
  expect(alice.tablet.heard()).toEqual(['hello', 'still for all of you'])
  const before = log.length
  await unlink(alice.phone, 'tablet')
  await world.settle()
  await bob.phone.say(alice, 'secret')
  await world.settle()
  expect(alice.phone.heard()).toEqual(['hello', 'still for all of you', 'secret'])
  // Without the commit that took it out, as if nothing had happened.
  const messages = log.slice(before).filter((entry) => entry.kind === EntryKind.MESSAGE)
  expect(messages.length).toBeGreaterThan(0)
  for (const entry of messages) tablet.feed(chat, entry)
  await world.settle()
  expect(alice.tablet.heard()).toEqual(['hello', 'still for all of you'])
  // It sees that something is wrong: it cannot follow this log.
  const view = alice.tablet.client.chats().find((one) => one.chat === chat)
  expect(view?.held).toBeDefined()
})

test('nor with everything that the log holds', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, log, tablet } = await unlinkedTablet(world)
  await unlink(alice.phone, 'tablet')
  await world.settle()
  await bob.phone.say(alice, 'secret')
  await world.settle()
  expect(log.some((entry) => entry.kind === EntryKind.COMMIT)).toBe(true)
  for (const entry of log) tablet.feed(chat, entry)
  await world.settle()
  expect(alice.tablet.heard()).toEqual(['hello'])
})

test('what an unlinked device sends is heard by nobody, though the relay passes it on', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, tablet } = await unlinkedTablet(world)
  await unlink(alice.phone, 'tablet')
  await world.settle()
  await alice.tablet.jot(bob, 'it is me, alice')
  await world.settle()
  const [append] = tablet.appended.slice(-1)
  if (append === undefined) return expect.unreachable('the tablet believes that it has sent')
  for (const device of [bob.phone, alice.phone]) {
    world.relay.inject(device, entryPush(chat, asEntry(device, alice.tablet, chat, append, world.now())))
  }
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hi'])
  expect(alice.phone.shows(chat)).toEqual(['hello', 'hi'])
  // The chat goes on.
  await bob.phone.client.sync()
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'this is me')
  await world.settle()
  expect(bob.phone.heard()).toContain('this is me')
  expect(bob.phone.heard()).not.toContain('it is me, alice')
})

test('whoever knows of the removal drops what that device sends before any commit has taken it out', async () => {
  await using world = await createWorld()
  const { alice, bob, chat, tablet } = await unlinkedTablet(world)
  // The relay keeps every commit of this chat from Bob, but he hears that Alice's log has changed.
  const stop = world.relay.tamper((seen) => {
    const { kind } = seen.frame
    const hides = seen.device === 'bob.phone' && seen.direction === 'to-device' && kind.case === 'push'
    return hides && kind.value.kind.case === 'entry' ? [] : undefined
  })
  await unlink(alice.phone, 'tablet')
  await world.settle()
  await world.forward(60_000)
  await alice.tablet.jot(bob, 'it is me, alice')
  await world.settle()
  const [append] = tablet.appended.slice(-1)
  if (append === undefined) return expect.unreachable('the tablet believes that it has sent')
  stop()
  world.relay.inject(bob.phone, entryPush(chat, asEntry(bob.phone, alice.tablet, chat, append, world.now())))
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hi'])
  expect(bob.phone.database.get('select cause, count from dropped')).toEqual({ cause: 'not-entitled', count: 1 })
})

test('a removed member to whom the relay goes on delivering reads nothing more, and is heard by nobody', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await alice.phone.say(chat, 'hello')
  await carol.phone.say(chat, 'hi')
  await world.settle()
  const log = overhear(world, bob.phone, chat)
  const dark = fool(world, carol.phone)
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await alice.phone.say(chat, 'secret')
  await world.settle()
  expect(bob.phone.heard(chat)).toEqual(['hello', 'hi', 'secret'])
  await carol.phone.jot(chat, 'I am still here')
  for (const entry of log) if (entry.kind === EntryKind.MESSAGE) dark.feed(chat, entry)
  await world.settle()
  expect(carol.phone.heard(chat)).toEqual(['hello'])
  const [append] = dark.appended.slice(-1)
  if (append === undefined) return expect.unreachable('Carol believes that she has sent')
  world.relay.inject(bob.phone, entryPush(chat, asEntry(bob.phone, carol.phone, chat, append, world.now())))
  await world.settle()
  expect(bob.phone.heard(chat)).toEqual(['hello', 'hi', 'secret'])
})

test('a device that hears that it was unlinked says so and sends nothing', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await bob.phone.say(alice, 'hello')
  await world.settle()
  alice.tablet.disconnect()
  await unlink(alice.phone, 'tablet')
  alice.tablet.connect()
  await world.settle()
  await expect(alice.tablet.say(bob, 'let me')).rejects.toMatchObject({ code: 'unlinked' })
  await bob.phone.say(alice, 'secret')
  await world.settle()
  expect(alice.tablet.heard()).toEqual(['hello'])
  expect(bob.phone.heard()).toEqual([])
})
