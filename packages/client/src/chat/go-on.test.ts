import type { AccountId, ChatId } from '@quintet/domain'
import { expect, test } from 'vitest'
import { accountId, alice, alicePhone, bob, carol, chatId } from '../../test/people.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import type { Core } from '../core.ts'
import { writeOwn } from '../device/own.ts'
import { encodePolicy, type Policy } from '../policy/policy.ts'
import { currentOf } from './current.ts'
import { directChatId } from './direct-chat-id.ts'
import { linkChain } from './go-on.ts'
import { addChat, keepPolicy, setChat } from './record.ts'
import { successorId } from './successor-id.ts'

const walk = chatId(7)

function policyWith(roles: readonly (readonly [AccountId, 'admin' | 'member'])[], more: Partial<Policy> = {}): Policy {
  const fixed = { suite: 'hybrid', add: 'admins', editInfo: 'admins', generation: 0, predecessor: undefined } as const
  return { ...fixed, kind: 'group', creator: bob, members: new Map(roles), ...more }
}

function createCore(): Core {
  const { core } = createScriptedCore({ answer: () => expect.unreachable('nothing is asked') })
  core.write(() => writeOwn(core.db, { account: alice, device: alicePhone, position: 0n }))
  return core
}

function enter(core: Core, chat: ChatId, policy: Policy): void {
  core.write((emit) => {
    addChat(core.db, chat, policy.kind, 'active', 1)
    setChat(core.db, chat, { state: 'active' })
    keepPolicy(core.db, alice, chat, encodePolicy(policy), 0)
    linkChain(core, chat, emit)
  })
}

const before = policyWith([
  [alice, 'member'],
  [bob, 'admin'],
  [carol, 'member'],
])
const following = { chat: walk, seq: 4n, logHash: new Uint8Array(32) }
const next = successorId(walk, before)

test('a successor by an admin takes the place of the chat before it, whichever of the two comes first', () => {
  const after = { ...before, predecessor: following }
  for (const order of [
    [walk, next],
    [next, walk],
  ]) {
    const core = createCore()
    for (const chat of order) enter(core, chat, chat === walk ? before : after)
    expect(currentOf(core.db, walk)).toBe(next)
  }
})

test.each<readonly [string, ChatId, Policy]>([
  ['by somebody who is no admin', next, { ...before, creator: carol, predecessor: following }],
  ['under another id', chatId(8), { ...before, predecessor: following }],
])('one %s does not', (_, chat, after) => {
  const core = createCore()
  enter(core, walk, before)
  enter(core, chat, after)
  expect(currentOf(core.db, walk)).toBe(walk)
})

const dave = accountId(0xda)

test('so does one with somebody who came later than this device knows: an admin may take people in', () => {
  const core = createCore()
  enter(core, walk, before)
  enter(core, next, { ...before, members: new Map(before.members).set(dave, 'member'), predecessor: following })
  expect(currentOf(core.db, walk)).toBe(next)
})

const leaderless = policyWith([
  [alice, 'member'],
  [bob, 'member'],
  [carol, 'member'],
])

test.each<readonly [string, Partial<Policy>]>([
  ['makes its maker an admin', { members: new Map(leaderless.members).set(bob, 'admin') }],
  ['leaves somebody out', { members: new Map([...leaderless.members].filter(([account]) => account !== carol)) }],
  ['takes somebody in', { members: new Map(leaderless.members).set(dave, 'member') }],
  ['lets everybody add people', { add: 'members' }],
  ['lets everybody name it', { editInfo: 'members' }],
  ['gives up the hybrid suite', { suite: 'base' }],
])('in a group without an admin one that %s does not; one that changes nothing does', (_, change) => {
  const core = createCore()
  enter(core, walk, leaderless)
  enter(core, next, { ...leaderless, ...change, predecessor: following })
  expect(currentOf(core.db, walk)).toBe(walk)
  const other = createCore()
  enter(other, walk, leaderless)
  enter(other, next, { ...leaderless, predecessor: following })
  expect(currentOf(other.db, walk)).toBe(next)
})

test.each([
  ['member', next],
  ['admin', walk],
] as const)('where everybody adds people, one that takes somebody in as %s goes on in %s', (role, goesOnIn) => {
  const core = createCore()
  const open = { ...leaderless, add: 'members' } as const
  enter(core, walk, open)
  enter(core, next, { ...open, members: new Map(open.members).set(dave, role), predecessor: following })
  expect(currentOf(core.db, walk)).toBe(goesOnIn)
})

test('of two people either lets the chat go on, whatever the other calls themselves', () => {
  const core = createCore()
  const chat = directChatId(alice, bob)
  const first = policyWith(
    [
      [alice, 'member'],
      [bob, 'admin'],
    ],
    { kind: 'direct' },
  )
  enter(core, chat, first)
  const second = { ...first, creator: alice, generation: 1, predecessor: { ...following, chat } }
  enter(core, directChatId(alice, bob, 1), second)
  expect(currentOf(core.db, chat)).toBe(directChatId(alice, bob, 1))
})

test('a group that names the chat of two people never takes its place', () => {
  const core = createCore()
  const direct = directChatId(alice, carol)
  const pair = policyWith([
    [alice, 'member'],
    [carol, 'member'],
  ])
  enter(core, direct, { ...pair, kind: 'direct', creator: carol })
  const group = { ...before, predecessor: { ...following, chat: direct } }
  enter(core, successorId(direct, before), group)
  expect(currentOf(core.db, direct)).toBe(direct)
})

test('the next chat of two people does, and only that of the same two', () => {
  const core = createCore()
  const members = [
    [alice, 'member'],
    [bob, 'member'],
  ] as const
  const first = policyWith(members, { kind: 'direct' })
  const chat = directChatId(alice, bob)
  enter(core, chat, first)
  const second = { ...first, generation: 1, predecessor: { ...following, chat } }
  const others = policyWith(
    [
      [alice, 'member'],
      [carol, 'member'],
    ],
    { kind: 'direct', creator: carol, generation: 1, predecessor: { ...following, chat } },
  )
  enter(core, directChatId(alice, carol, 1), others)
  expect(currentOf(core.db, chat)).toBe(chat)
  enter(core, directChatId(alice, bob, 1), second)
  expect(currentOf(core.db, chat)).toBe(directChatId(alice, bob, 1))
})

test('a device that was only told of the chat before calls what goes on with it by the same name', () => {
  const core = createCore()
  core.write(() => {
    addChat(core.db, walk, 'group', 'ended', 1)
    setChat(core.db, walk, { title: 'Walk' })
  })
  enter(core, next, { ...before, predecessor: following })
  expect(core.db.get('select title from chat where chat = ?', next)).toEqual({ title: 'Walk' })
})
