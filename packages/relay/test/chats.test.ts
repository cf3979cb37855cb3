import { asciiBytes, bytesOf, type ChatId, compareBytes, concatBytes } from '@quintet/domain'
import { signLeaveIntent } from '@quintet/identity'
import { EntryKind } from '@quintet/wire'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  adding,
  chatIdOf,
  expectAnswer,
  fakeMessage,
  outcome,
  policyFor,
  type TestDevice,
  type TestWorld,
} from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

interface Chat {
  readonly id: ChatId
  readonly policy: Uint8Array
}

async function groupOf(world: TestWorld, creator: TestDevice, ...others: readonly TestDevice[]): Promise<Chat> {
  const id = chatIdOf(world.random(32))
  const accounts = [...new Set([creator, ...others].map(({ account }) => account))]
  const policy = policyFor('group', creator.account, accounts)
  expect(outcome(await creator.createChat(id, policy, others))).toBe('done')
  return { id, policy }
}

const fetchAll = async (device: TestDevice, id: ChatId, after = 0n) =>
  expectAnswer(await device.ask({ case: 'fetch', value: { chat: bytesOf(id), after, limit: 0 } }), 'fetched')

test('everyone in a chat hears the whole log in order, the sender after the answer', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const laptop = await world.link(alice)
  const { id } = await groupOf(world, alice, laptop, bob)
  const answers = await Promise.all([
    alice.say(id, 1n, 1n, 'one'),
    bob.say(id, 1n, 1n, 'two'),
    alice.say(id, 1n, 2n, 'three'),
  ])
  expect(answers.map(outcome)).toEqual(['done', 'done', 'done'])
  for (const device of [alice, bob, laptop]) {
    const heard = [await device.line.hears('entry'), await device.line.hears('entry'), await device.line.hears('entry')]
    expect(heard.map(({ entry }) => entry?.seq)).toEqual([2n, 3n, 4n])
  }
  const page = await fetchAll(laptop, id)
  expect(page.entries.map(({ seq, kind }) => [seq, kind])).toEqual([2n, 3n, 4n].map((seq) => [seq, EntryKind.MESSAGE]))
  expect(page.holes).toEqual([])
})

test('a message sent twice is taken once; the same number for another one is a conflict', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const { id } = await groupOf(world, alice)
  const first = expectAnswer(await alice.say(id, 1n, 1n, 'one'), 'appended')
  expect(expectAnswer(await alice.say(id, 1n, 1n, 'one'), 'appended')).toEqual(first)
  expect(outcome(await alice.say(id, 1n, 1n, 'other'))).toBe('CONFLICT')
  expect(outcome(await alice.say(id, 1n, 2n, 'two'))).toBe('done')
  expect(expectAnswer(await alice.say(id, 1n, 1n, 'one'), 'appended')).toEqual(first)
  const gap = expectAnswer(await alice.say(id, 1n, 4n, 'four'), 'failure')
  expect([outcome({ case: 'failure', value: gap }), gap.expectedN]).toEqual(['GAP', 3n])
  expect((await fetchAll(alice, id)).headSeq).toBe(3n)
})

test('a batch stops at the first refusal, and what was written in an old epoch is stale', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const { id, policy } = await groupOf(world, alice)
  const commit = alice.commit({ chat: id, epoch: 1n, sender: 0 }, policy)
  const after = [alice.say(id, 1n, 1n, 'late'), alice.say(id, 1n, 2n, 'later')]
  expect(outcome(await commit)).toBe('done')
  const refused = expectAnswer(await (after[0] ?? commit), 'failure')
  expect([refused.epoch, refused.headSeq]).toEqual([2n, 2n])
  expect(outcome(await (after[1] ?? commit))).toBe('STALE')
})

test('exactly one commit ends an epoch; the loser is told', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const { id, policy } = await groupOf(world, alice, bob)
  const both = await Promise.all([
    alice.commit({ chat: id, epoch: 1n, sender: 0, salt: 1 }, policy),
    bob.commit({ chat: id, epoch: 1n, sender: 1, salt: 2 }, policy),
  ])
  expect(both.map(outcome)).toEqual(['done', 'STALE'])
  expect((await bob.line.hears('entry')).entry?.kind).toBe(EntryKind.COMMIT)
})

test('a commit whose sender, delta or newcomers are not what they say is refused', async () => {
  const world = await newWorld()
  const [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')]
  const { id, policy } = await groupOf(world, alice, bob)
  const at = { chat: id, epoch: 1n } as const
  const refused = async (answer: Promise<Parameters<typeof outcome>[0]>) =>
    expect(outcome(await answer)).toBe('NOT_ALLOWED')
  await refused(bob.commit({ ...at, sender: 0 }, policy))
  await refused(bob.commit({ ...at, sender: 1, adds: adding([carol]) }, policy))
  await refused(alice.commit({ ...at, sender: 0, removes: [{ index: 1, who: carol.leaf.credential }] }, policy))
  await refused(
    alice.commit({ ...at, sender: 0, removes: [{ index: 1, who: bob.leaf.credential }], saysRemoves: [] }, policy),
  )
  await refused(alice.commit({ ...at, sender: 0, removes: [{ index: 7, who: bob.leaf.credential }] }, policy))
  await refused(alice.commit({ ...at, sender: 0, adds: adding([bob]) }, policy))
  const withCarol = policyFor('group', alice.account, [alice.account, bob.account, carol.account])
  await refused(alice.commit({ ...at, sender: 0, policy: withCarol }, policy))
  const withoutBob = policyFor('group', alice.account, [alice.account])
  await refused(alice.commit({ ...at, sender: 0, policy: withoutBob }, withoutBob))
  const unlisted = { ...carol.leaf, mlsKey: new Uint8Array(32) }
  const wrongKey = [{ leaf: unlisted, keyPackage: carol.keyPackage() }]
  expect(outcome(await alice.commit({ ...at, sender: 0, policy: withCarol, adds: wrongKey }, withCarol))).toBe('done')
})

test('a commit that takes out several names them in any order', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const tablet = await world.link(bob)
  const { id } = await groupOf(world, alice, bob, tablet)
  const alone = policyFor('group', alice.account, [alice.account])
  const removes = [
    { index: 1, who: bob.leaf.credential },
    { index: 2, who: tablet.leaf.credential },
  ]
  const at = { chat: id, epoch: 1n, sender: 0, removes, policy: alone } as const
  const twice = [bob.leaf.credential, bob.leaf.credential]
  expect(outcome(await alice.commit({ ...at, saysRemoves: twice }, alone))).toBe('NOT_ALLOWED')
  const reversed = [tablet.leaf.credential, bob.leaf.credential]
  expect(outcome(await alice.commit({ ...at, saysRemoves: reversed }, alone))).toBe('done')
})

test('a removed member hears the commit that removes it and nothing after, and reads no more', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const { id } = await groupOf(world, alice, bob)
  await alice.say(id, 1n, 1n, 'before')
  await bob.line.hears('entry')
  const alone = policyFor('group', alice.account, [alice.account])
  const removes = [{ index: 1, who: bob.leaf.credential }]
  expect(outcome(await alice.commit({ chat: id, epoch: 1n, sender: 0, removes, policy: alone }, alone))).toBe('done')
  expect((await bob.line.hears('entry')).entry?.kind).toBe(EntryKind.COMMIT)
  await alice.say(id, 2n, 2n, 'after')
  expect(outcome(await bob.ask({ case: 'ping', value: {} }))).toBe('done')
  expect(bob.line.pushes.filter((push) => push.case === 'entry')).toEqual([])
  expect(outcome(await bob.ask({ case: 'fetch', value: { chat: bytesOf(id) } }))).toBe('UNKNOWN_CHAT')
  expect(outcome(await bob.ask({ case: 'getGroupInfo', value: { chat: bytesOf(id) } }))).toBe('UNKNOWN_CHAT')
  expect(outcome(await bob.say(id, 2n, 1n, 'still here'))).toBe('UNKNOWN_CHAT')
  expect(outcome(await bob.commit({ chat: id, epoch: 2n, sender: 'new' }, alone))).toBe('UNKNOWN_CHAT')
  const { chats } = expectAnswer(await bob.ask({ case: 'sync', value: {} }), 'sync')
  expect(chats).toEqual([])
})

test('an unlinked device neither sends nor hears, though its leaf is still there', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const laptop = await world.link(alice)
  const { id } = await groupOf(world, alice, laptop)
  const entry = await alice.account.entry({ kind: 'remove', device: laptop.keys.device }, world.clock.now())
  await alice.ask({ case: 'appendLog', value: { account: alice.account.bytes, entry } })
  await laptop.line.until(() => laptop.line.closed)
  expect(outcome(await alice.say(id, 1n, 1n, 'secret'))).toBe('done')
  expect(laptop.line.pushes.some((push) => push.case === 'entry')).toBe(false)
  expect(outcome(await laptop.reconnect())).toBe('UNLINKED')
  expect(outcome(await laptop.ask({ case: 'fetch', value: { chat: bytesOf(id) } }))).toBe('UNAUTHENTICATED')
})

test('a newly linked device joins by itself, with what it needs to know, and takes the leftmost blank leaf', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const laptop = await world.link(alice)
  const { id, policy } = await groupOf(world, alice, bob, laptop)
  const removes = [{ index: 1, who: bob.leaf.credential }]
  const alone = policyFor('group', alice.account, [alice.account])
  await alice.commit({ chat: id, epoch: 1n, sender: 0, removes, policy: alone }, alone)
  const tablet = await world.link(alice)
  const before = expectAnswer(await tablet.ask({ case: 'sync', value: {} }), 'sync').chats[0]
  expect([before?.inRoster, before?.welcome, before?.epoch]).toEqual([false, false, 2n])
  const facts = expectAnswer(await tablet.ask({ case: 'getGroupInfo', value: { chat: bytesOf(id) } }), 'groupInfo')
  expect([facts.epoch, facts.headSeq, facts.roster.length]).toEqual([2n, 2n, 2])
  expect((await fetchAll(tablet, id)).entries.every(({ kind }) => kind === EntryKind.COMMIT)).toBe(true)
  expect(outcome(await tablet.commit({ chat: id, epoch: 2n, sender: 'new' }, alone))).toBe('done')
  const after = expectAnswer(await alice.ask({ case: 'getGroupInfo', value: { chat: bytesOf(id) } }), 'groupInfo')
  expect(after.roster.map(({ device }) => device)).toEqual(
    [alice, tablet, laptop].map(({ keys }) => bytesOf(keys.device)),
  )
  expect(outcome(await tablet.say(id, 3n, 1n, 'here'))).toBe('done')
  const stranger = { index: 0, who: alice.leaf.credential }
  expect(outcome(await bob.commit({ chat: id, epoch: 3n, sender: 'new', removes: [stranger] }, policy))).toBe(
    'UNKNOWN_CHAT',
  )
  const pushy = await world.link(alice)
  expect(outcome(await pushy.commit({ chat: id, epoch: 3n, sender: 'new', removes: [stranger] }, alone))).toBe(
    'NOT_ALLOWED',
  )
})

test('a device that rejoins goes on counting where it was', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const { id, policy } = await groupOf(world, alice)
  await alice.say(id, 1n, 1n, 'one')
  const removes = [{ index: 0, who: alice.leaf.credential }]
  expect(outcome(await alice.commit({ chat: id, epoch: 1n, sender: 'new', removes }, policy))).toBe('done')
  const state = expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync').chats[0]
  expect([state?.lastN, state?.joinSeq, state?.inRoster]).toEqual([1n, 3n, true])
  expect(outcome(await alice.say(id, 2n, 2n, 'two'))).toBe('done')
})

test('a Welcome waits for the device until it has acknowledged the commit that came with it', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const { id } = await groupOf(world, alice, bob)
  expect((await bob.line.hears('chatAdded')).welcome).toBe(true)
  const welcome = () => bob.ask({ case: 'getWelcome', value: { chat: bytesOf(id) } })
  expect(expectAnswer(await welcome(), 'welcome')).toMatchObject({ epoch: 1n, seq: 1n })
  expect(outcome(await alice.ask({ case: 'getWelcome', value: { chat: bytesOf(id) } }))).toBe('NONE')
  await bob.ack(id, 1n)
  world.clock.pass(2000)
  await bob.ask({ case: 'ping', value: {} })
  expect(outcome(await welcome())).toBe('NONE')
})

test('one direct chat per pair: the first create wins, and only the pair may', async () => {
  const world = await newWorld()
  const [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')]
  const ids = [alice.account.bytes, bob.account.bytes].sort(compareBytes)
  const parts = concatBytes(asciiBytes('quintet/direct/v1'), ...ids, new Uint8Array(4))
  const id = chatIdOf(new Uint8Array(createHash('sha256').update(parts).digest()))
  const policy = (creator: TestDevice) => policyFor('direct', creator.account, [alice.account, bob.account])
  expect(outcome(await carol.createChat(id, policy(carol)))).toBe('NOT_ALLOWED')
  expect(outcome(await alice.createChat(chatIdOf(world.random(32)), policy(alice), [bob]))).toBe('NOT_ALLOWED')
  const both = await Promise.all([alice.createChat(id, policy(alice), [bob]), bob.createChat(id, policy(bob), [alice])])
  expect(both.map(outcome)).toEqual(['done', 'CHAT_EXISTS'])
})

test('delivered is told once per account, in steps, for content, and not before the chat is accepted', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const laptop = await world.link(bob)
  const ids = [alice.account.bytes, bob.account.bytes].sort(compareBytes)
  const parts = concatBytes(asciiBytes('quintet/direct/v1'), ...ids, new Uint8Array(4))
  const id = chatIdOf(new Uint8Array(createHash('sha256').update(parts).digest()))
  await alice.createChat(id, policyFor('direct', alice.account, [alice.account, bob.account]), [bob, laptop])
  await alice.say(id, 1n, 1n, 'hello')
  await alice.say(id, 1n, 2n, 'state', false)
  await bob.ack(id, 3n)
  const step = async () => {
    world.clock.pass(2000)
    await alice.ask({ case: 'ping', value: {} })
    return alice.line.pushes.flatMap((push) => (push.case === 'delivered' ? [push.value.delivered?.seq] : []))
  }
  expect(await step()).toEqual([])
  await bob.ask({ case: 'setDelivered', value: { chat: bytesOf(id), on: true } })
  expect(await step()).toEqual([2n])
  await laptop.ack(id, 3n)
  expect(await step()).toEqual([2n])
  await alice.say(id, 1n, 3n, 'more')
  await laptop.ack(id, 4n)
  expect(alice.line.pushes.filter((push) => push.case === 'delivered')).toHaveLength(1)
  expect(await step()).toEqual([2n, 4n])
})

test('what all have goes, and a hole is told with its hash', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const { id, policy } = await groupOf(world, alice, bob)
  await alice.say(id, 1n, 1n, 'one')
  await alice.say(id, 1n, 2n, 'two')
  await alice.commit({ chat: id, epoch: 1n, sender: 0 }, policy)
  await alice.say(id, 2n, 3n, 'three')
  await bob.ack(id, 3n)
  await alice.ack(id, 4n)
  world.clock.pass(2000)
  await alice.ask({ case: 'ping', value: {} })
  const page = await fetchAll(alice, id)
  expect(page.entries.map(({ seq }) => seq)).toEqual([1n, 4n, 5n])
  expect(page.holes).toMatchObject([{ fromSeq: 2n, toSeq: 3n }])
  expect(page.holes[0]?.logHash).toHaveLength(32)
  world.clock.pass(31 * 24 * 60 * 60 * 1000)
  expect(await world.relay.sweep()).toBeGreaterThan(0)
  const empty = await fetchAll(alice, id)
  expect([empty.entries.length, empty.holes[0]?.toSeq, empty.headSeq]).toEqual([0, 5n, 5n])
})

test('who leaves hears nothing more, and the next committer takes it out', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const { id } = await groupOf(world, alice, bob)
  const claim = { chat: id, account: bob.account.id, device: bob.keys.device, nonce: world.random(16) }
  const intent = await signLeaveIntent(claim, bob.keys.log)
  const forged = await signLeaveIntent({ ...claim, account: alice.account.id }, bob.keys.log)
  const post = (signed: typeof intent) => bob.ask({ case: 'leave', value: { chat: bytesOf(id), intent: signed } })
  expect(outcome(await post(forged))).toBe('NOT_ALLOWED')
  expect(outcome(await post(intent))).toBe('done')
  expect((await alice.line.hears('intent')).intent).toEqual(intent)
  await alice.say(id, 1n, 1n, 'gone?')
  expect(outcome(await bob.ask({ case: 'fetch', value: { chat: bytesOf(id) } }))).toBe('UNKNOWN_CHAT')
  expect(bob.line.pushes.some((push) => push.case === 'entry')).toBe(false)
  const waiting = expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync').chats[0]
  expect(waiting?.intents).toEqual([intent])
  const alone = policyFor('group', alice.account, [alice.account])
  const removes = [{ index: 1, who: bob.leaf.credential }]
  expect(outcome(await alice.commit({ chat: id, epoch: 1n, sender: 0, removes, policy: alone }, alone))).toBe('done')
  expect(expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync').chats[0]?.intents).toEqual([])
})

test('a signal passes through to the others, now and then', async () => {
  const world = await newWorld()
  const [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')]
  const { id } = await groupOf(world, alice, bob)
  const signal = (who: TestDevice) =>
    who.ask({ case: 'signal', value: { chat: bytesOf(id), epoch: 1n, sealed: world.random(20) } })
  expect(outcome(await signal(alice))).toBe('done')
  expect((await bob.line.hears('signal')).device).toEqual(bytesOf(alice.keys.device))
  expect(outcome(await signal(carol))).toBe('UNKNOWN_CHAT')
  await signal(alice)
  await signal(alice)
  expect(outcome(await signal(alice))).toBe('RATE_LIMITED')
  world.clock.pass(3000)
  expect(outcome(await signal(alice))).toBe('done')
})

test('a message of another chat, epoch or kind than it says is malformed; a huge one too large', async () => {
  const world = await newWorld({ maxEntryBytes: 2000 })
  const alice = await world.person('alice')
  const { id } = await groupOf(world, alice)
  const post = (message: Uint8Array) =>
    alice.ask({ case: 'append', value: { chat: bytesOf(id), epoch: 1n, n: 1n, message, content: true } })
  expect(outcome(await post(fakeMessage(chatIdOf(world.random(32)), 1n, 'x')))).toBe('MALFORMED')
  expect(outcome(await post(fakeMessage(id, 2n, 'x')))).toBe('MALFORMED')
  expect(outcome(await post(Uint8Array.of(1)))).toBe('MALFORMED')
  expect(outcome(await post(fakeMessage(id, 1n, 'x'.repeat(2000))))).toBe('TOO_LARGE')
  expect(outcome(await alice.say(chatIdOf(world.random(32)), 1n, 1n, 'x'))).toBe('UNKNOWN_CHAT')
})

test('handles are told of those one shares a chat with, and of nobody else', async () => {
  const world = await newWorld()
  const [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')]
  await groupOf(world, alice, bob)
  const accounts = [bob.account.bytes, carol.account.bytes, alice.account.bytes]
  const { handles } = expectAnswer(await alice.ask({ case: 'handlesOf', value: { accounts } }), 'handles')
  expect(handles.map(({ handle }) => handle)).toEqual(['bob', '', 'alice'])
  const entry = await bob.account.entry({ kind: 'make-main', device: bob.keys.device }, world.clock.now())
  await bob.ask({ case: 'appendLog', value: { account: bob.account.bytes, entry } })
  expect((await alice.line.hears('logChanged')).account).toEqual(bob.account.bytes)
  expect(carol.line.pushes).toEqual([])
})
