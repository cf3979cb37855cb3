import { bytesOf, type ChatId, compareBytes } from '@quintet/domain'
import { ChatKind, ChatPolicySchema, create, Permission, Role, Suite, toBinary } from '@quintet/wire'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { chatIdOf, outcome, type TestDevice } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

/** A group in which nobody is an admin, unless they are named. */
function policyOf(
  creator: TestDevice,
  members: readonly TestDevice[],
  more: { readonly before?: ChatId; readonly admins?: readonly TestDevice[]; readonly open?: boolean } = {},
): Uint8Array {
  const lines = members.map((device) => ({
    account: device.account.bytes,
    role: more.admins?.includes(device) === true ? Role.ADMIN : Role.MEMBER,
  }))
  const policy = create(ChatPolicySchema, {
    version: 1,
    kind: ChatKind.GROUP,
    creator: creator.account.bytes,
    suite: Suite.BASE,
    members: lines.sort((a, b) => compareBytes(a.account, b.account)),
    add: more.open === true ? Permission.MEMBERS : Permission.ADMINS,
    ...(more.before && { predecessor: { chat: bytesOf(more.before) } }),
  })
  return toBinary(ChatPolicySchema, policy)
}

function successorOf(chat: ChatId): ChatId {
  const hash = createHash('sha256').update('quintet/successor/v1').update(bytesOf(chat))
  return chatIdOf(new Uint8Array(hash.digest()))
}

async function leaderless() {
  const world = await newWorld()
  const people = [await world.person('alice'), await world.person('bob'), await world.person('carol')] as const
  const before = chatIdOf(world.random(32))
  const [alice, ...others] = people
  expect(outcome(await alice.createChat(before, policyOf(alice, people), others))).toBe('done')
  return { world, people, before }
}

test('a group without an admin goes on as it was, by any of its members', async () => {
  const { people, before } = await leaderless()
  const [, bob] = people
  expect(outcome(await bob.createChat(successorOf(before), policyOf(bob, people, { before })))).toBe('done')
})

test('nobody makes themselves an admin, opens the group or puts somebody out by letting it go on (C13)', async () => {
  const { people, before } = await leaderless()
  const [alice, bob] = people
  const next = successorOf(before)
  for (const policy of [
    policyOf(bob, people, { before, admins: [bob] }),
    policyOf(bob, people, { before, open: true }),
    policyOf(bob, [alice, bob], { before }),
  ])
    expect(outcome(await bob.createChat(next, policy))).toBe('NOT_ALLOWED')
})

test('who wished to leave need not come along', async () => {
  const { people, before } = await leaderless()
  const [alice, bob, carol] = people
  expect(outcome(await carol.leave(before))).toBe('done')
  expect(outcome(await bob.createChat(successorOf(before), policyOf(bob, [alice, bob], { before })))).toBe('done')
})
