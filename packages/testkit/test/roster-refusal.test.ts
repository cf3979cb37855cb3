import { randomBytes } from 'node:crypto'
import type { OwnCommit } from '@quintet/crypto'
import { memoryStore } from '@quintet/relay'
import { outcome, type TestWorld } from '@quintet/relay/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { aadOf, type Change, Chat } from './roster/chat.ts'
import { byReference, contextOf, partsOf, withProposals, withSender } from './roster/commit-bytes.ts'
import { Member } from './roster/member.ts'
import { openWorld } from './roster/open-world.ts'

let world: TestWorld
let store = memoryStore()
/** Alice and her laptop, Bob, and Carol who is not in; `tablet` is Alice's and has no leaf. */
let alice: Member, laptop: Member, bob: Member, carol: Member, tablet: Member

beforeEach(async () => {
  store = memoryStore()
  world = await openWorld(store)
  alice = await Member.signUp(world, 'alice')
  bob = await Member.signUp(world, 'bob')
  carol = await Member.signUp(world, 'carol')
  laptop = await Member.link(world, alice)
  tablet = await Member.link(world, alice)
})

const newChat = (suite: 'base' | 'hybrid' = 'base') => Chat.create(suite, alice, [bob, laptop])

/** All that the relay keeps of the chat, except how far devices have come. */
async function kept(chat: Chat): Promise<unknown> {
  const stored = await store.chats.load(chat.id)
  const facts = await store.chats.joinFacts(chat.id)
  return { stored, facts }
}

/** The relay refuses it, and nothing changed: not what it keeps, not what anyone heard; then the chat goes on. */
async function isRefused(chat: Chat, by: Member, made: OwnCommit, code: string): Promise<void> {
  const before = await kept(chat)
  expect(outcome(await chat.send(by, made))).toBe(code)
  expect(await kept(chat)).toEqual(before)
  by.engine.clearPending(chat.bytes)
  await chat.talk(by, 'we go on')
  await chat.check(store)
  for (const one of chat.members) expect(one.device.line.pushes.filter((push) => push.case === 'entry')).toEqual([])
}

describe.each(['base', 'hybrid'] as const)('in the %s suite', (suite) => {
  test.each<readonly [string, () => Change]>([
    ['names a device that it does not add', () => ({ saysAdds: [tablet] })],
    ['keeps quiet about one that it adds', () => ({ adds: [tablet], saysAdds: [] })],
    ['names another than it adds', () => ({ adds: [tablet], saysAdds: [laptop] })],
    ['names one twice', () => ({ adds: [tablet], saysAdds: [tablet, tablet] })],
    ['names a device that it does not remove', () => ({ saysRemoves: [bob] })],
    ['keeps quiet about one that it removes', () => ({ removes: [laptop], saysRemoves: [] })],
    ['names another than it removes', () => ({ removes: [laptop], saysRemoves: [bob] })],
    ['removes two and names one of them twice', () => ({ removes: [laptop, bob], saysRemoves: [bob, bob] })],
    ['adds a device whose account is not in the policy', () => ({ adds: [carol] })],
    ['leaves in a device whose account goes', () => ({ accounts: [alice.account] })],
  ])('a commit that %s is not allowed', async (_, lie) => {
    const chat = await newChat(suite)
    await isRefused(chat, alice, await chat.build(alice, lie()), 'NOT_ALLOWED')
  })
})

test('a device that was unlinked is not let in by an old key package', async () => {
  const chat = await newChat()
  const entry = await alice.account.entry({ kind: 'remove', device: tablet.device.keys.device }, world.clock.now())
  const keyPackage = await tablet.keyPackageFor(alice, 'base')
  const log = { account: alice.account.bytes, entry }
  expect(outcome(await alice.device.ask({ case: 'appendLog', value: log }))).toBe('done')
  const made = alice.engine.commit(chat.bytes, {
    addKeyPackages: [keyPackage],
    removeLeaves: [],
    policy: undefined,
    aad: aadOf([tablet], []),
  })
  await isRefused(chat, alice, made, 'NOT_ALLOWED')
})

test('a commit that another device sends, as itself or as the one that made it, is not allowed', async () => {
  const chat = await newChat()
  const made = await chat.build(bob, {})
  for (const thief of [alice, laptop]) expect(outcome(await chat.send(thief, made, 1n))).toBe('NOT_ALLOWED')
  const leaf = chat.leafOf(alice, alice.engine)
  const claimed = { ...made, commit: withSender(made.commit, leaf) }
  expect(outcome(await chat.send(alice, claimed, 1n))).toBe('NOT_ALLOWED')
  expect(outcome(await chat.send(carol, made, 1n))).toBe('UNKNOWN_CHAT')
  await isRefused(chat, bob, { ...made, commit: withSender(made.commit, 7) }, 'NOT_ALLOWED')
})

test('an external commit that another device sends, or that removes another, is not allowed', async () => {
  const chat = await newChat()
  const facts = await chat.facts(tablet)
  const { commit: made } = tablet.engine.joinExternal(facts.groupInfo, aadOf([tablet], []))
  for (const thief of [alice, bob, laptop]) expect(outcome(await chat.send(thief, made, 1n))).toBe('NOT_ALLOWED')
  expect(outcome(await chat.send(carol, made, 1n))).toBe('UNKNOWN_CHAT')
  tablet.engine.dropScratch(chat.bytes)
  const { commit: lying } = tablet.engine.joinExternal(facts.groupInfo, aadOf([tablet], [bob]))
  expect(outcome(await chat.send(tablet, lying, 1n))).toBe('NOT_ALLOWED')
  tablet.engine.dropScratch(chat.bytes)
  const remove = Uint8Array.of(1, 0, 3, 0, 0, 0, chat.leafOf(bob, alice.engine))
  const { commit: honest } = tablet.engine.joinExternal(facts.groupInfo, aadOf([tablet], [bob]))
  const proposals = Uint8Array.of(...remove, ...partsOf(honest.commit).proposals)
  const pushy = { ...honest, commit: withProposals(honest.commit, proposals) }
  expect(outcome(await chat.send(tablet, pushy, 1n))).toBe('NOT_ALLOWED')
  tablet.engine.dropScratch(chat.bytes)
  await chat.enter(tablet)
  await chat.check(store)
})

test('a commit with a proposal by reference, or of a kind that no rule admits, is malformed', async () => {
  const chat = await newChat()
  const made = await chat.build(alice, { removes: [laptop] })
  const { proposals } = partsOf(made.commit)
  const ofKind = (type: number) => Uint8Array.of(1, 0, type, ...proposals.subarray(3))
  const bad = [byReference(randomBytes(32)), ...[2, 4, 5, 6, 8, 10].map(ofKind)]
  for (const other of bad) {
    const commit = withProposals(made.commit, other)
    expect(outcome(await chat.send(alice, { ...made, commit }))).toBe('MALFORMED')
  }
  const both = withProposals(made.commit, Uint8Array.of(...proposals, ...byReference(randomBytes(32))))
  await isRefused(chat, alice, { ...made, commit: both }, 'MALFORMED')
})

test('a commit that changes more of the group context than the policy is not allowed', async () => {
  const chat = await newChat()
  const made = await chat.build(alice, {})
  const policy = [0xf0a1, chat.policyOf(chat.accounts)] as const
  const externalSenders = [5, new Uint8Array()] as const
  for (const context of [
    contextOf(policy, externalSenders),
    contextOf(externalSenders, policy),
    contextOf(policy, policy),
    contextOf(externalSenders),
    contextOf(),
  ]) {
    const commit = withProposals(made.commit, context)
    expect(outcome(await chat.send(alice, { ...made, commit }))).toBe('NOT_ALLOWED')
  }
  const foreign = chat.policyOf([carol.account])
  await isRefused(
    chat,
    alice,
    { ...made, commit: withProposals(made.commit, contextOf([0xf0a1, foreign])) },
    'NOT_ALLOWED',
  )
  expect(outcome(await chat.send(alice, { ...made, commit: withProposals(made.commit, contextOf(policy)) }))).toBe(
    'done',
  )
})

test('parts that do not belong together are refused: another epoch, chat, Welcome or GroupInfo', async () => {
  const chat = await newChat()
  const other = await newChat()
  const made = await chat.build(alice, { adds: [tablet] })
  const elsewhere = await other.build(alice, {})
  const early = alice.engine.groupInfo(chat.bytes)
  const none = new Uint8Array()
  for (const wrong of [
    { ...made, groupInfo: elsewhere.groupInfo },
    { ...made, groupInfo: early },
    { ...made, commit: elsewhere.commit },
    { ...made, welcome: none },
    { ...made, welcome: made.commit },
    { ...made, commit: none },
    { ...made, groupInfo: none },
  ]) {
    expect(outcome(await chat.send(alice, wrong))).toBe('MALFORMED')
  }
  expect(outcome(await chat.send(alice, made, 2n))).toBe('MALFORMED')
  alice.engine.clearPending(chat.bytes)
  const unchanged = await chat.build(alice, {})
  alice.engine.clearPending(chat.bytes)
  const smaller = await chat.build(alice, { removes: [bob], accounts: [alice.account] })
  expect(outcome(await chat.send(alice, { ...unchanged, groupInfo: smaller.groupInfo }))).toBe('NOT_ALLOWED')
  await isRefused(chat, alice, { ...smaller, groupInfo: unchanged.groupInfo }, 'NOT_ALLOWED')
})

test('a commit cut short anywhere, or with something behind it, is malformed', async () => {
  const chat = await newChat()
  const made = await chat.build(alice, { adds: [tablet], removes: [laptop] })
  for (let length = 0; length < made.commit.length; length += 1 + (length % 7)) {
    const commit = made.commit.subarray(0, length)
    expect(outcome(await chat.send(alice, { ...made, commit }))).toBe('MALFORMED')
  }
  for (let length = 0; length < made.groupInfo.length; length += 13) {
    const groupInfo = made.groupInfo.subarray(0, length)
    expect(outcome(await chat.send(alice, { ...made, groupInfo }))).toBe('MALFORMED')
  }
  await isRefused(chat, alice, { ...made, commit: Uint8Array.of(...made.commit, 0) }, 'MALFORMED')
})

/**
 * The relay holds no keys: a flipped bit in what only members can check (signatures, sealed path secrets) passes it,
 * counts as what it says, and no member merges it (C12). Every other flip it refuses.
 */
test('whatever bit of a commit is flipped, nobody is counted who was not meant, and no member merges it', async () => {
  let chat = await newChat()
  let [refused, passed] = [0, 0]
  let made = await chat.build(alice, { adds: [tablet], removes: [laptop] })
  const { length } = made.commit
  for (let at = 0; at < length; at += 5 + (at % 9)) {
    const commit = made.commit.slice()
    commit[at] = (commit[at] ?? 0) ^ (1 << (at % 8))
    const before = await kept(chat)
    const answer = await chat.send(alice, { ...made, commit })
    if (answer.case === 'failure') {
      refused++
      expect(['MALFORMED', 'NOT_ALLOWED']).toContain(outcome(answer))
      expect(await kept(chat)).toEqual(before)
      continue
    }
    passed++
    const roster = (await store.chats.joinFacts(chat.id))?.roster.map(({ device }) => device)
    expect(roster).toEqual([alice, bob, tablet].map(({ device }) => device.keys.device).sort(byLeaf(roster)))
    for (const { engine } of [bob, laptop]) {
      expect(() => engine.open(chat.bytes, commit)).toThrow(expect.objectContaining({ name: 'MlsError' }))
      expect(engine.view(chat.bytes)?.epoch).toBe(1n)
    }
    for (const one of [alice, bob, laptop, tablet]) one.device.line.pushes.length = 0
    chat = await newChat()
    made = await chat.build(alice, { adds: [tablet], removes: [laptop] })
  }
  expect(refused).toBeGreaterThan(20)
  expect(passed).toBeGreaterThan(20)
})

function byLeaf(roster: readonly string[] | undefined): (a: string, b: string) => number {
  return (a, b) => (roster?.indexOf(a) ?? 0) - (roster?.indexOf(b) ?? 0)
}
