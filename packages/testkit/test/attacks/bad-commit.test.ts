import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import { type Device, pushOf, requestOf, responseOf, type World } from '@quintet/testkit'
import { ChatPolicySchema, create, type Entry, EntryKind, EntrySchema, fromBinary, Role, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { heldIn } from '../lying-log.ts'
import { createWorld } from '../world.ts'
import { spoilPaths } from './bad-path.ts'
import { commitAs, evilCommit, faults, handOver, leavesOf, named, refusals, unbound } from './malice.ts'

/** A group of Alice, its admin, of Bob and of Mallory, who have spoken. */
async function groupWithMallory(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const mallory = await world.account('mallory', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'mallory'])
  await world.settle()
  for (const { phone } of [bob, mallory, alice]) await phone.say(chat, `${phone.name} is here`)
  await world.settle()
  return { alice, bob, mallory, chat }
}

/** A commit of hers whose signature does not hold, which the relay cannot know. */
async function sendGarbage(world: World, device: Device, chat: ChatId): Promise<void> {
  const made = evilCommit(device, chat, unbound(device, chat), {})
  const commit = made.commit.slice()
  // In the signature, which stands before two tags of 33 bytes each.
  const at = commit.length - 80
  commit[at] = (commit[at] ?? 0) ^ 1
  expect(await commitAs(world, device, chat, { ...made, commit })).toBe('committed')
  await world.settle()
}

/** Both write, and read each other. */
async function talk(world: World, one: Device, other: Device, words: string): Promise<void> {
  for (const device of [one, other]) await device.client.sync()
  await one.jot(one.chat('Walk'), `${words} (one)`)
  // By itself neither can know that it is in the newest epoch (C8).
  await world.forward(31_000)
  await other.jot(other.chat('Walk'), `${words} (other)`)
  await world.forward(31_000)
  await world.settle()
  expect(one.heard(one.chat('Walk'))).toContain(`${words} (other)`)
  expect(other.heard(other.chat('Walk'))).toContain(`${words} (one)`)
  for (const device of [one, other]) expect(heldIn(device, device.chat('Walk'))).toBeUndefined()
}

test('a commit that nobody can read stops nobody: once all come in again, then the chat goes on in another (C12, C13)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  await sendGarbage(world, mallory.phone, chat)
  await talk(world, alice.phone, bob.phone, 'here again')
  for (const { phone } of [alice, bob]) {
    expect(faults(phone, 'state-lost')).toEqual(['unreadable'])
    expect(phone.chat('Walk')).toBe(chat)
  }
  mallory.phone.restart()
  await mallory.phone.client.sync()
  await world.forward(31_000)
  await mallory.phone.client.sync()
  await world.settle()
  await sendGarbage(world, mallory.phone, chat)
  await talk(world, alice.phone, bob.phone, 'and on we go')
  expect(alice.phone.chat('Walk')).not.toBe(chat)
  expect(bob.phone.chat('Walk')).toBe(alice.phone.chat('Walk'))
})

/** What that device is told of a chat's commits, pushed and fetched, from now on; answers how to stop. */
function tellCommits(
  world: World,
  device: Device,
  chat: ChatId,
  where: 'pushed' | 'everywhere',
  bad: (entry: Entry) => void,
) {
  return world.relay.tamper((seen) => {
    if (seen.device !== device.name || seen.direction !== 'to-device') return undefined
    const push = pushOf(seen.frame)?.kind
    const result = responseOf(seen.frame)?.result
    const fetched = where === 'everywhere' && result?.case === 'fetched' ? result.value : undefined
    const told = push?.case === 'entry' ? push.value : fetched
    if (told === undefined || !sameBytes(told.chat, bytesOf(chat))) return undefined
    const entries = 'entries' in told ? told.entries : told.entry ? [told.entry] : []
    for (const entry of entries) {
      if (entry.kind !== EntryKind.COMMIT) continue
      entry.message = entry.message.slice()
      bad(entry)
    }
    return [{ ...seen.frame }]
  })
}

const garble = (entry: Entry) => {
  const at = entry.message.length - 80
  entry.message[at] = (entry.message[at] ?? 0) ^ 1
}
const cut = (entry: Entry) => {
  entry.message = entry.message.slice(0, 100)
}
/** After version, format, group and epoch stands what kind of sender it is: 2 is one from outside. */
const fromOutside = (entry: Entry) => {
  entry.message[45] = 2
}
const relabel = (entry: Entry) => {
  entry.kind = EntryKind.MESSAGE
}

test.each([
  ['garbled', garble],
  ['cut short', cut],
  ['called a message', relabel],
  ['as from outside', fromOutside],
])('a commit that comes %s is asked for again, and nothing is lost', async (_, bad) => {
  await using world = await createWorld()
  const { alice, bob, chat } = await groupWithMallory(world)
  tellCommits(world, bob.phone, chat, 'pushed', bad)
  await alice.phone.client.setAdmin(chat, 'mallory', true)
  await alice.phone.say(chat, 'she is an admin now')
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('she is an admin now')
  expect(faults(bob.phone, 'state-lost')).toEqual([])
  expect(bob.phone.client.status().gaps).toBe(0)
})

test.each([
  ['garbled', garble],
  ['called a message', relabel],
  ['as from outside', fromOutside],
])('a relay that gives one device every commit %s troubles that device alone (C12, C13)', async (_, bad) => {
  await using world = await createWorld()
  const { alice, bob, chat } = await groupWithMallory(world)
  // The admin's, who could let the chat go on in another.
  const stop = tellCommits(world, alice.phone, chat, 'everywhere', bad)
  await bob.phone.say(chat, 'one')
  for (let round = 0; round < 3; round++) {
    bob.phone.database.run('update chat set update_due = 1 where chat = ?', chat)
    await bob.phone.jot(chat, `round ${round}`)
    await world.settle()
    await alice.phone.client.sync()
    await world.forward(31_000)
    await world.settle()
  }
  expect(bob.phone.client.chats().filter((one) => one.title === 'Walk')).toHaveLength(1)
  expect(alice.phone.chat('Walk')).toBe(chat)
  expect(bob.phone.chat('Walk')).toBe(chat)
  stop()
  await world.forward(61 * 60 * 1000)
  await alice.phone.client.sync()
  await world.forward(31_000)
  await talk(world, alice.phone, bob.phone, 'together again')
  expect(bob.phone.chat('Walk')).toBe(chat)
})

test('a bad path does not smuggle in what everybody else refuses: whoever comes in again judges it first (C5, C12)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  spoilPaths(bob.phone)
  await world.settle()
  const engine = unbound(mallory.phone, chat)
  const policy = fromBinary(ChatPolicySchema, engine.view(bytesOf(chat))?.policy ?? new Uint8Array())
  const hers = mallory.phone.client.self()?.account ?? expect.unreachable('she is signed in')
  for (const member of policy.members) member.role = sameBytes(member.account, bytesOf(hers)) ? Role.ADMIN : Role.MEMBER
  const made = evilCommit(mallory.phone, chat, engine, { policy: toBinary(ChatPolicySchema, policy) })
  // The relay is hers: it shows Bob the commit, and the group that it leads to.
  handOver(world, bob.phone, mallory.phone, chat, made)
  world.relay.tamper((seen) => {
    const result = seen.device === 'bob.phone' ? responseOf(seen.frame)?.result : undefined
    if (result?.case !== 'groupInfo' || !sameBytes(requestedChat, bytesOf(chat))) return undefined
    Object.assign(result.value, { groupInfo: made.groupInfo, epoch: made.epoch })
    return [{ ...seen.frame }]
  })
  let requestedChat = bytesOf(chat)
  world.relay.tamper((seen) => {
    const call = requestOf(seen.frame)?.call
    if (call?.case === 'getGroupInfo') requestedChat = call.value.chat
    return undefined
  })
  await bob.phone.client.sync()
  await world.settle()
  expect(faults(bob.phone, 'state-lost')).toEqual(['does-not-fit'])
  expect(refusals(bob.phone)).toEqual(['not-entitled'])
  expect(faults(alice.phone, 'commit-refused')).toEqual([])
})

test('a commit that the relay alone shows, and nobody is known to have made, ends no chat at the first try (C12, C13)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  const engine = unbound(mallory.phone, chat)
  const [bobs] = leavesOf(engine, chat, bob.phone)
  const made = evilCommit(
    mallory.phone,
    chat,
    engine,
    { removeLeaves: bobs ? [bobs.index] : [] },
    { removes: bobs ? [named(bobs)] : [] },
  )
  // What Mallory is said to have done, without her signature.
  const commit = made.commit.slice()
  garble(create(EntrySchema, { message: commit }))
  const stop = handOver(world, alice.phone, mallory.phone, chat, { ...made, commit })
  const show = world.relay.tamper((seen) => {
    const result = seen.device === 'alice.phone' ? responseOf(seen.frame)?.result : undefined
    if (result?.case !== 'groupInfo') return undefined
    Object.assign(result.value, { groupInfo: made.groupInfo, epoch: made.epoch })
    return [{ ...seen.frame }]
  })
  await world.settle()
  expect(refusals(alice.phone)).toEqual([])
  expect(heldIn(alice.phone, chat)).toContain('cannot be trusted')
  show()
  stop()
  await talk(world, alice.phone, bob.phone, 'nothing happened')
  expect(alice.phone.chat('Walk')).toBe(chat)
})

test('an admin’s change that comes with a path that is bad for one member is taken by that one as well (C12)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await groupWithMallory(world)
  const dave = await world.account('dave', 'phone')
  spoilPaths(bob.phone)
  await world.settle()
  bob.phone.disconnect()
  await alice.phone.client.setAdmin(chat, 'mallory', true)
  await alice.phone.client.addToGroup(chat, ['dave'])
  await mallory.phone.client.removeFromGroup(chat, 'dave')
  await alice.phone.client.addToGroup(chat, ['dave'])
  await world.settle()
  bob.phone.connect()
  await world.settle()
  await talk(world, bob.phone, alice.phone, 'all well')
  expect(refusals(bob.phone)).toEqual([])
  expect(dave.phone.heard(chat)).toContain('all well (one)')
})
