import { asciiBytes, bytesOf, type ChatId } from '@quintet/domain'
import { signLeaveIntent } from '@quintet/identity'
import { RequestSchema } from '@quintet/wire'
import { createHash } from 'node:crypto'
import v8 from 'node:v8'
import { beforeEach, expect, test } from 'vitest'
import { memoryStore } from '../src/memory/memory-store.ts'
import type { RelayStore } from '../src/ports/store.ts'
import {
  chatIdOf,
  expectAnswer,
  fakeCommit,
  fakeGroupInfo,
  fakeMessage,
  outcome,
  policyFor,
  type TestDevice,
  type TestWorld,
} from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

type Call = Parameters<TestDevice['ask']>[0]
type CallName = NonNullable<Call['case']>

/** How the device came to be out. */
type Way = 'unlinked' | 'removed' | 'left' | 'dropped'

let world: TestWorld
let store: RelayStore
let alice: TestDevice, bob: TestDevice, tablet: TestDevice
let id: ChatId
let chat: Uint8Array

/** Alice's group: her phone on leaf 0, Bob's phone on 1, his tablet on 2; the tablet is the device that goes. */
beforeEach(async () => {
  store = memoryStore()
  world = await newWorld({ logEntriesPerDay: 100 }, store)
  alice = await world.person('alice')
  bob = await world.person('bob')
  tablet = await world.link(bob)
  id = chatIdOf(world.random(32))
  chat = bytesOf(id)
  expect(outcome(await alice.createChat(id, both(), [bob, tablet]))).toBe('done')
  expect(outcome(await alice.say(id, 1n, 1n, 'before'))).toBe('done')
  expect(outcome(await tablet.say(id, 1n, 1n, 'me too'))).toBe('done')
})

const both = () => policyFor('group', alice.account, [alice.account, bob.account])
const alone = () => policyFor('group', alice.account, [alice.account])
const goes = { index: 2, who: () => tablet.leaf.credential }

async function intentOf(by: TestDevice) {
  const claim = { chat: id, account: by.account.id, device: by.keys.device, nonce: world.random(16) }
  return signLeaveIntent(claim, by.keys.log)
}

const waysOut: Readonly<Record<Way, () => Promise<void>>> = {
  async unlinked() {
    const entry = await bob.account.entry({ kind: 'remove', device: tablet.keys.device }, world.clock.now())
    const log = { account: bob.account.bytes, entry }
    expect(outcome(await bob.ask({ case: 'appendLog', value: log }))).toBe('done')
    bob.account.adopt(entry)
    await tablet.line.until(() => tablet.line.closed)
    expect(outcome(await tablet.reconnect())).toBe('UNLINKED')
  },
  async removed() {
    const removes = [
      { index: 1, who: bob.leaf.credential },
      { index: goes.index, who: goes.who() },
    ]
    const commit = { chat: id, epoch: 1n, sender: 0, removes, policy: alone() } as const
    expect(outcome(await alice.commit(commit, alone()))).toBe('done')
  },
  async left() {
    const value = { chat, intent: await intentOf(bob) }
    expect(outcome(await bob.ask({ case: 'leave', value }))).toBe('done')
  },
  async dropped() {
    const removes = [{ index: goes.index, who: goes.who() }]
    expect(outcome(await alice.commit({ chat: id, epoch: 1n, sender: 0, removes }, both()))).toBe('done')
  },
}

const none = new Uint8Array()

async function commitOf(sender: number | 'new', epoch: bigint): Promise<Call> {
  const commit = fakeCommit({ chat: id, epoch, sender, committer: tablet.leaf })
  const upload = { commit, groupInfo: fakeGroupInfo(id, 1, epoch + 1n, both()), welcome: none }
  return { case: 'commit', value: { chat, epoch, upload } }
}

interface Row {
  readonly call: CallName
  readonly ask: (epoch: bigint) => Call | Promise<Call>
  /** The outcome by the way out. */
  readonly outcomes: Readonly<Record<Way, string>>
}

const row = (call: CallName, ask: Row['ask'], ...outcomes: readonly [string, string, string, string]): Row => {
  const [unlinked, removed, left, dropped] = outcomes
  return { call, ask, outcomes: { unlinked, removed, left, dropped } }
}
const [no, out, ok] = ['UNAUTHENTICATED', 'UNKNOWN_CHAT', 'done']

/** What it could ask of the chat. A device whose leaf alone went, and which its account still lists, may come back (C8). */
const chatCalls: readonly Row[] = [
  row('append', (epoch) => said(epoch, 2n), no, out, out, out),
  row('append', () => said(1n, 1n), no, out, out, out),
  row('commit', (epoch) => commitOf(2, epoch), no, out, out, 'NOT_ALLOWED'),
  row('fetch', () => ({ case: 'fetch', value: { chat } }), no, out, out, ok),
  row('getGroupInfo', () => ({ case: 'getGroupInfo', value: { chat } }), no, out, out, ok),
  row('getWelcome', () => ({ case: 'getWelcome', value: { chat } }), no, out, out, out),
  row('signal', (epoch) => ({ case: 'signal', value: { chat, epoch, sealed: none } }), no, out, out, out),
  row('setDelivered', () => ({ case: 'setDelivered', value: { chat, on: false } }), no, out, out, ok),
  row('ack', () => ({ case: 'ack', value: { cursors: [{ chat, seq: 99n }] } }), no, ok, ok, ok),
  row('sync', () => ({ case: 'sync', value: {} }), no, ok, ok, ok),
  row(
    'createChat',
    async () => ({ case: 'createChat', value: await again() }),
    no,
    'CHAT_EXISTS',
    'CHAT_EXISTS',
    'CHAT_EXISTS',
  ),
  row('leave', async () => ({ case: 'leave', value: { chat, intent: await intentOf(tablet) } }), no, out, ok, ok),
]

function said(epoch: bigint, n: bigint): Call {
  return { case: 'append', value: { chat, epoch, n, message: fakeMessage(id, epoch, 'still here'), content: true } }
}

async function again() {
  const policy = policyFor('group', bob.account, [bob.account])
  const commit = fakeCommit({ chat: id, epoch: 0n, sender: 0, committer: tablet.leaf })
  return { chat, policy, commit: { commit, groupInfo: fakeGroupInfo(id, 1, 1n, policy), welcome: none } }
}

/** What it could ask besides. Only what anyone may ask without signing in is answered to an unlinked device. */
const otherCalls: readonly Row[] = [
  row('putKeyPackages', () => ({ case: 'putKeyPackages', value: { suite: 1 } }), no, ok, ok, ok),
  row(
    'takeKeyPackages',
    () => ({ case: 'takeKeyPackages', value: { account: alice.account.bytes, suite: 1 } }),
    no,
    ok,
    ok,
    ok,
  ),
  row('keyPackageStock', () => ({ case: 'keyPackageStock', value: {} }), no, ok, ok, ok),
  row('putStatement', async () => ({ case: 'putStatement', value: { statement: await statement() } }), no, ok, ok, ok),
  row('setHandle', () => ({ case: 'setHandle', value: { handle: 'bob' } }), no, ok, ok, ok),
  row('handlesOf', () => ({ case: 'handlesOf', value: { accounts: [alice.account.bytes] } }), no, ok, ok, ok),
  row('putKitBlob', () => ({ case: 'putKitBlob', value: { blob: none } }), no, ok, ok, ok),
  row('getKitBlob', () => ({ case: 'getKitBlob', value: {} }), no, ok, ok, ok),
  row('lastSeen', () => ({ case: 'lastSeen', value: {} }), no, ok, ok, ok),
  row('offerClaim', () => ({ case: 'offerClaim', value: { code: '00000000' } }), no, ...threeTimes('OFFER_INVALID')),
  row('appendLog', async () => ({ case: 'appendLog', value: await coup() }), no, ...threeTimes('LOG_FAULT')),
  row('authenticate', () => ({ case: 'authenticate', value: { protocol: 1 } }), ...fourTimes('MALFORMED')),
  row('signUp', () => ({ case: 'signUp', value: { protocol: 1 } }), ...fourTimes('HANDLE_INVALID')),
  row('lookup', () => ({ case: 'lookup', value: { handle: 'alice' } }), ...fourTimes(ok)),
  row('logs', () => ({ case: 'logs', value: { accounts: [{ account: alice.account.bytes }] } }), ...fourTimes(ok)),
  row(
    'offerOpen',
    () => ({ case: 'offerOpen', value: { offer: world.random(16), commit: world.random(32) } }),
    ...fourTimes(ok),
  ),
  row('offerSend', () => ({ case: 'offerSend', value: { offer: world.random(16) } }), ...fourTimes('OFFER_INVALID')),
  row('ping', () => ({ case: 'ping', value: {} }), ...fourTimes(ok)),
]

function threeTimes(code: string) {
  return [code, code, code] as const
}
function fourTimes(code: string) {
  return [code, code, code, code] as const
}

const statement = () => tablet.account.statement(tablet.keys, 2n)

/** It puts its account's first device out, which it may not: `add` grants no `manage` (D6). */
async function coup() {
  const remove = { kind: 'remove', device: bob.keys.device } as const
  return { account: bob.account.bytes, entry: await bob.account.entry(remove, world.clock.now(), tablet.keys) }
}

test('every call of the protocol stands in the tables', () => {
  const listed = new Set([...chatCalls, ...otherCalls].map(({ call }) => call))
  expect(RequestSchema.oneofs[0]?.fields.map(({ localName }) => localName).sort()).toEqual([...listed].sort())
})

/** A digest of all that the relay keeps of the chat. */
async function kept(): Promise<string> {
  const { members, ...rest } = (await store.chats.load(id)) ?? expect.unreachable('the chat is there')
  const facts = await store.chats.joinFacts(id)
  return createHash('sha256')
    .update(v8.serialize([members, rest, facts]))
    .digest('hex')
}

test.each(['unlinked', 'removed', 'left', 'dropped'] as const)(
  'a device that was %s gets what that leaves it',
  async (way) => {
    await waysOut[way]()
    tablet.line.pushes.length = 0
    const epoch = way === 'removed' || way === 'dropped' ? 2n : 1n
    const outcomes: string[] = []
    const expected: string[] = []
    for (const { call, ask, outcomes: wanted } of [...chatCalls, ...otherCalls]) {
      const before = await kept()
      const answer = await tablet.ask(await ask(epoch))
      outcomes.push(`${call} ${outcome(answer)}`)
      expected.push(`${call} ${wanted[way]}`)
      if (answer.case === 'fetched') expect(answer.value.entries.every(({ n }) => n === 0n)).toBe(true)
      if (answer.case === 'sync')
        expect(answer.value.chats.map(({ inRoster }) => inRoster)).toEqual(way === 'dropped' ? [false] : [])
      const changes = way === 'dropped' && (call === 'leave' || call === 'setDelivered')
      if (!changes) expect([call, await kept()]).toEqual([call, before])
    }
    expect(outcomes).toEqual(expected)
  },
)

test.each(['unlinked', 'removed', 'left', 'dropped'] as const)(
  'a device that was %s is told nothing more',
  async (way) => {
    await waysOut[way]()
    tablet.line.pushes.length = 0
    const epoch = way === 'removed' || way === 'dropped' ? 2n : 1n
    await alice.say(id, epoch, 2n, 'after')
    await alice.ask({ case: 'signal', value: { chat, epoch, sealed: asciiBytes('typing') } })
    await alice.commit({ chat: id, epoch, sender: 0 }, way === 'removed' ? alone() : both())
    await alice.ack(id, 9n)
    world.clock.pass(10_000)
    await alice.ask({ case: 'ping', value: {} })
    if (!tablet.line.closed) await tablet.ask({ case: 'ping', value: {} })
    expect(tablet.line.pushes.map((push) => push.case)).toEqual([])
  },
)

test('a device whose sign-in crosses its removal does not stay in', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const late = await world.link(bob)
    late.line.close()
    const again = await world.device(bob.account, late.keys)
    const entry = await bob.account.entry({ kind: 'remove', device: late.keys.device }, world.clock.now())
    const { incarnation, challenge } = again.line.greeting
    const signature = await bob.account.signature(late.keys, incarnation, challenge)
    const device = bytesOf(late.keys.device)
    const signIn = { protocol: 1, account: bob.account.bytes, device, signature }
    const removal = bob.ask({ case: 'appendLog', value: { account: bob.account.bytes, entry } })
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    const entrance = again.ask({ case: 'authenticate', value: signIn }).then(outcome, () => 'cut off')
    expect(outcome(await removal)).toBe('done')
    bob.account.adopt(entry)
    expect(['done', 'UNLINKED', 'cut off']).toContain(await entrance)
    await bob.ask({ case: 'ping', value: {} })
    expect([turns, world.relay.numbers().devices]).toEqual([turns, 3])
  }
})

test('what an unlinked device had asked before, and what was not decided yet, is not done', async () => {
  const gate: { open: () => void; readonly passed: Promise<void> } = { open() {}, passed: Promise.resolve() }
  const passed = new Promise<void>((resolve) => Object.assign(gate, { open: resolve }))
  const load: RelayStore['chats']['load'] = async (asked) => {
    await passed
    return store.chats.load(asked)
  }
  const slow = await newWorld({}, { ...store, chats: { ...store.chats, load } })
  const [phone, pad] = [await slow.device(bob.account, bob.keys), await slow.device(bob.account, tablet.keys)]
  expect([outcome(await phone.signIn()), outcome(await pad.signIn())]).toEqual(['done', 'done'])
  const refused = () => 'cut off'
  const another = chatIdOf(world.random(32))
  const asked = [
    pad.say(id, 1n, 2n, 'last words').then(outcome, refused),
    pad.commit({ chat: id, epoch: 1n, sender: 2 }, both()).then(outcome, refused),
    pad.createChat(another, policyFor('group', bob.account, [bob.account])).then(outcome, refused),
  ]
  const entry = await bob.account.entry({ kind: 'remove', device: tablet.keys.device }, world.clock.now())
  expect(outcome(await phone.ask({ case: 'appendLog', value: { account: bob.account.bytes, entry } }))).toBe('done')
  gate.open()
  expect(await Promise.all(asked)).toEqual(['cut off', 'cut off', 'cut off'])
  const page = expectAnswer(await phone.ask({ case: 'fetch', value: { chat } }), 'fetched')
  expect(page.headSeq).toBe(3n)
  expect(await store.chats.load(another)).toBeUndefined()
})
