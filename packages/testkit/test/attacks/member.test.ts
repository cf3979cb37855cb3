import { bytesOf, encodeCredential, parseCredential, parseDeviceBytes } from '@quintet/domain'
import type { Device, World } from '@quintet/testkit'
import { ChatPolicySchema, fromBinary, Permission, Role, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { heldIn } from '../lying-log.ts'
import { createWorld } from '../world.ts'
import { spoilPaths } from './bad-path.ts'
import { commitAs, evilCommit, faults, handOver, leavesOf, named, refusals, sendAnything, unbound } from './malice.ts'

const lifetime = 84n * 86_400n

/** A group of Alice, its admin, of Bob and of Mallory, who have spoken. */
async function groupWithMallory(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const mallory = await world.account('mallory', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'mallory'])
  await world.settle()
  await bob.phone.say(chat, 'hello')
  await mallory.phone.say(chat, 'hi')
  await world.settle()
  return { alice, bob, mallory, chat }
}

type Group = Awaited<ReturnType<typeof groupWithMallory>>

/** As one conversation, by the admin's successor, without any word of what was tried (C13). */
async function goesOn(world: World, { alice, bob }: Group): Promise<void> {
  await alice.phone.client.sync()
  await world.settle()
  await alice.phone.say(alice.phone.chat('Walk'), 'on we go')
  await world.settle()
  await bob.phone.say(bob.phone.chat('Walk'), 'with pleasure')
  await world.settle()
  for (const { phone } of [alice, bob]) {
    expect(phone.shows('Walk').slice(-2)).toEqual(['on we go', 'with pleasure'])
    expect(phone.client.chats().filter((one) => one.title === 'Walk')).toHaveLength(1)
    expect(heldIn(phone, phone.chat('Walk'))).toBeUndefined()
  }
}

const policyWith = (bytes: Uint8Array, change: (policy: ReturnType<typeof parsePolicy>) => void): Uint8Array => {
  const policy = parsePolicy(bytes)
  change(policy)
  return toBinary(ChatPolicySchema, policy)
}
const parsePolicy = (bytes: Uint8Array) => fromBinary(ChatPolicySchema, bytes)
const idOf = (device: Device) => device.client.self()?.account ?? expect.unreachable('it is signed in')

/** What Mallory, who is no admin, would have the policy say. */
function policies({ bob, mallory, chat }: Group, engine: ReturnType<typeof unbound>) {
  const { policy } = engine.view(bytesOf(chat)) ?? expect.unreachable('she is in the chat')
  const is = (account: Uint8Array, device: Device) => Buffer.compare(account, bytesOf(idOf(device))) === 0
  return {
    withoutBob: policyWith(policy, (one) => {
      one.members = one.members.filter(({ account }) => !is(account, bob.phone))
    }),
    asAdmin: policyWith(policy, (one) => {
      for (const member of one.members) member.role = is(member.account, mallory.phone) ? Role.ADMIN : Role.MEMBER
    }),
    open: policyWith(policy, (one) => {
      one.add = Permission.MEMBERS
    }),
  }
}

test('a member who takes somebody out without being an admin is refused by everyone, and the chat goes on (C5, C12, C13)', async () => {
  await using world = await createWorld()
  const group = await groupWithMallory(world)
  const { alice, bob, mallory, chat } = group
  const engine = unbound(mallory.phone, chat)
  const [bobs] = leavesOf(engine, chat, bob.phone)
  if (bobs === undefined) return expect.unreachable('Bob is in the chat')
  const made = evilCommit(mallory.phone, chat, engine, { removeLeaves: [bobs.index] }, { removes: [named(bobs)] })
  expect(await commitAs(world, mallory.phone, chat, made)).toBe('committed')
  expect(refusals(alice.phone)).toEqual(['remove-not-allowed'])
  await goesOn(world, group)
})

test.each([
  ['makes herself the only admin', 'asAdmin', 'not-entitled'],
  ['lets everybody add people', 'open', 'not-entitled'],
  ['takes out an account with its leaf', 'withoutBob', 'remove-not-allowed'],
] as const)('a member who %s is refused by the relay, and without it by everyone (C5)', async (_, which, why) => {
  await using world = await createWorld()
  const group = await groupWithMallory(world)
  const { alice, bob, mallory, chat } = group
  const engine = unbound(mallory.phone, chat)
  const policy = policies(group, engine)[which]
  const bobs = leavesOf(engine, chat, bob.phone).slice(0, which === 'withoutBob' ? 1 : 0)
  const plan = { policy, removeLeaves: bobs.map(({ index }) => index) }
  const made = evilCommit(mallory.phone, chat, engine, plan, { removes: bobs.map(named) })
  handOver(world, alice.phone, mallory.phone, chat, made)
  await world.settle()
  expect(refusals(alice.phone)).toEqual([why])
  expect(await commitAs(world, mallory.phone, chat, made)).toBe('NOT_ALLOWED')
  await goesOn(world, group)
})

test.each([
  ['keeps quiet about whom it takes out', 'delta-differs'],
  ['names somebody whom it does not take out', 'delta-differs'],
] as const)('with the relay in league: a delta that %s is refused (R2)', async (what, why) => {
  await using world = await createWorld()
  const group = await groupWithMallory(world)
  const { alice, bob, mallory, chat } = group
  const engine = unbound(mallory.phone, chat)
  const [bobs] = leavesOf(engine, chat, bob.phone)
  if (bobs === undefined) return expect.unreachable('Bob is in the chat')
  const quiet = what.startsWith('keeps')
  const plan = quiet ? { removeLeaves: [bobs.index] } : {}
  const made = evilCommit(mallory.phone, chat, engine, plan, quiet ? {} : { removes: [named(bobs)] })
  handOver(world, alice.phone, mallory.phone, chat, made)
  await world.settle()
  expect(refusals(alice.phone)).toEqual([why])
  await goesOn(world, group)
})

test.each([
  ['a second leaf of its own device', 'own'],
  ['a device of somebody else that no log lists', 'ghost'],
] as const)('a member that adds %s is refused, by the relay and by everyone (C3, C5)', async (_, whose) => {
  await using world = await createWorld()
  const group = await groupWithMallory(world)
  const { alice, bob, mallory, chat } = group
  const engine = unbound(mallory.phone, chat)
  const [hers] = leavesOf(engine, chat, mallory.phone)
  const [bobs] = leavesOf(engine, chat, bob.phone)
  const bobsCredential = bobs && parseCredential(bobs.credential)
  const device = parseDeviceBytes(new Uint8Array(16).fill(3))
  if (hers === undefined || bobsCredential === undefined || device === undefined)
    return expect.unreachable('both are in')
  const credential = whose === 'own' ? hers.credential : encodeCredential({ ...bobsCredential, device, position: 0n })
  // Another key: the engine takes no second leaf with the same.
  const other = unbound(mallory.phone, chat)
  other.useIdentity(other.createSigner(), credential)
  const [keyPackage] = other.createKeyPackages('hybrid', 1, lifetime, false)
  if (keyPackage === undefined) return expect.unreachable('one was made')
  const plan = { addKeyPackages: [keyPackage.bytes] }
  const made = evilCommit(mallory.phone, chat, engine, plan, { adds: [named({ credential })] })
  handOver(world, alice.phone, mallory.phone, chat, made)
  await world.settle()
  expect(refusals(alice.phone)).toEqual(['add-invalid'])
  expect(await commitAs(world, mallory.phone, chat, made)).toBe('NOT_ALLOWED')
  await goesOn(world, group)
})

test('a path that is bad for one member alone: that one comes in again, and the others notice nothing (C12)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  spoilPaths(bob.phone)
  await world.settle()
  await alice.phone.client.setAdmin(chat, 'mallory', true)
  await bob.phone.client.sync()
  await bob.phone.jot(chat, 'here again')
  // By itself it cannot know that this is the newest epoch (C8).
  await world.forward(31_000)
  await world.settle()
  expect(faults(bob.phone, 'state-lost')).toEqual(['does-not-fit'])
  for (const { phone } of [alice, mallory]) {
    expect(phone.heard(chat)).toContain('here again')
    expect(refusals(phone)).toEqual([])
  }
  await alice.phone.say(chat, 'good to hear you')
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('good to hear you')
})

test('a member for whom paths are bad again and again stays out for a while, and comes in again (C12)', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await groupWithMallory(world)
  bob.phone.database.run('insert into meta (key, value) values (?, ?)', `repaired/${chat}`, world.now())
  spoilPaths(bob.phone)
  await world.settle()
  await alice.phone.client.setAdmin(chat, 'mallory', true)
  await bob.phone.client.sync()
  await world.settle()
  expect(heldIn(bob.phone, chat)).toContain('within an hour')
  await bob.phone.client.sync()
  expect(heldIn(bob.phone, chat)).toContain('within an hour')
  await world.forward(61 * 60 * 1000)
  await bob.phone.client.sync()
  await bob.phone.jot(chat, 'here again')
  await world.forward(31_000)
  await world.settle()
  expect(alice.phone.heard(chat)).toContain('here again')
  expect(heldIn(bob.phone, chat)).toBeUndefined()
})

test('nobody edits, deletes or takes back what somebody else wrote (M1)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  const words = alice.phone.client.messages(chat, 10).find((one) => one.text === 'hello')
  const target = bytesOf(words?.id ?? expect.unreachable('Bob has said so'))
  await sendAnything(mallory.phone, chat, { case: 'edit', value: { target, text: 'give me all your money' } })
  await sendAnything(mallory.phone, chat, { case: 'delete', value: { target } })
  await mallory.phone.say(chat, 'well?')
  await world.settle()
  for (const { phone } of [alice, bob]) {
    expect(phone.shows(chat)).toEqual(['hello', 'hi', 'well?'])
    expect(phone.client.messages(chat, 10).filter((one) => one.edited || one.deleted)).toEqual([])
    expect(phone.database.get("select count from dropped where chat = ? and cause = 'not-entitled'", chat)).toEqual({
      count: 2,
    })
  }
})

test.each([
  ['a change', { title: 'Mallory’s', snapshot: false }],
  ['a snapshot of an entry still to come', { title: 'Mallory’s', snapshot: true, setSeq: 1_000n }],
  ['a snapshot of an entry that set nothing', { title: 'Mallory’s', snapshot: true, setSeq: 3n }],
])('%s of the group’s name by somebody who may not is dropped (M2)', async (_, value) => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  const carol = await world.account('carol', 'phone')
  await sendAnything(mallory.phone, chat, { case: 'info', value })
  await alice.phone.client.addToGroup(chat, ['carol'])
  await sendAnything(mallory.phone, chat, { case: 'info', value })
  await world.settle()
  for (const { phone } of [alice, bob, carol])
    expect(phone.client.chats().find((one) => one.chat === chat)?.title).toBe('Walk')
})
