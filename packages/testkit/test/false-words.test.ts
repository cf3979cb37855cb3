import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import {
  ChatKind,
  create,
  EntryKind,
  type Fetched,
  type Frame,
  FrameSchema,
  HoleSchema,
  LeaveIntentSchema,
  type MessageInitShape,
  type PushSchema,
  SignedLeaveIntentSchema,
  toBinary,
} from '@quintet/wire'
import { expect, test } from 'vitest'
import { faults } from './attacks/malice.ts'
import { conversation, heldIn, tellDifferently } from './lying-log.ts'
import { createWorld } from './world.ts'

function push(kind: NonNullable<MessageInitShape<typeof PushSchema>['kind']>): Frame {
  return create(FrameSchema, { kind: { case: 'push', value: { kind } } })
}

/** What the relay would have to be given by one of the account's devices, made up. */
function forgedIntent(chat: ChatId, account: Parameters<typeof bytesOf>[0], device: Parameters<typeof bytesOf>[0]) {
  const claim = { chat: bytesOf(chat), account: bytesOf(account), device: bytesOf(device), nonce: new Uint8Array(16) }
  const intent = toBinary(LeaveIntentSchema, create(LeaveIntentSchema, claim))
  return create(SignedLeaveIntentSchema, { intent, signature: new Uint8Array(64) })
}

test('nobody leaves a chat because the relay says that they wished to', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  const { device } = alice.laptop.client.self() ?? expect.unreachable('it is signed in')
  const intent = forgedIntent(chat, alice.account, device)
  world.relay.inject(alice.laptop, push({ case: 'intent', value: { chat: bytesOf(chat), intent } }))
  await world.settle()
  await alice.laptop.say(bob, 'still here')
  await world.settle()
  expect(heldIn(alice.laptop, chat)).toBeUndefined()
  expect(bob.phone.heard()).toContain('still here')
})

test('whoever has left a group is not brought back by the relay alone', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const { chat } = await bob.phone.client.createGroup('Walk', ['alice'])
  await world.settle()
  bob.phone.disconnect()
  await alice.phone.client.leaveGroup(chat)
  let asked = 0
  world.relay.tamper(({ device, direction, call }) => {
    if (device === 'alice.phone' && direction === 'to-relay' && (call === 'getGroupInfo' || call === 'commit'))
      asked += 1
    return undefined
  })
  for (const welcome of [false, true]) {
    world.relay.inject(alice.phone, push({ case: 'chatAdded', value: { chat: bytesOf(chat), welcome } }))
    await world.settle()
  }
  expect(asked).toBe(0)
  expect(heldIn(alice.phone, chat)).toContain('You left')
  // Somebody who takes her in again does.
  bob.phone.connect()
  await world.settle()
  await bob.phone.say(chat, 'a pity')
  await bob.phone.client.addToGroup(chat, ['alice'])
  await world.settle()
  await alice.phone.say(chat, 'here I am again')
  await world.settle()
  expect(bob.phone.heard(chat)).toEqual(['here I am again'])
})

test('a group that the relay calls the chat of one’s own devices is told nothing of theirs', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const mallory = await world.account('mallory', 'phone')
  const self = alice.phone.chat('self')
  alice.phone.disconnect()
  await world.settle()
  const { chat } = await mallory.phone.client.createGroup('Prize', ['alice'])
  await world.settle()
  let lets = false
  world.relay.tamper(({ device, direction, frame, call }) => {
    if (device !== 'alice.phone') return undefined
    const { kind } = frame
    if (direction === 'to-relay' && !lets && (call === 'getWelcome' || call === 'getGroupInfo')) return []
    if (kind.case !== 'response' || kind.value.result.case !== 'sync') return undefined
    for (const state of kind.value.result.value.chats)
      if (sameBytes(state.chat, bytesOf(chat))) {
        state.kind = ChatKind.SELF
        state.lastAtMs = BigInt(world.now() + 1_000_000)
      }
    return [{ ...frame }]
  })
  alice.phone.connect()
  await world.until(alice.phone.client.online())
  await alice.phone.client.block('mallory', false, { waitMs: 1_000 }).catch(() => undefined)
  lets = true
  const waiting = alice.phone.database.all('select distinct chat from outbox').map((row) => row['chat'])
  expect(waiting.filter((one) => one !== self)).toEqual([])
  expect(alice.phone.client.chats().filter((one) => one.kind === 'self').length).toBe(1)
})

test('a Welcome into another chat than the one asked for lets nobody in', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const mallory = await world.account('mallory', 'phone')
  const bob = await world.account('bob', 'phone')
  alice.phone.disconnect()
  await world.settle()
  const trap = await mallory.phone.client.createGroup('Trap', ['alice'])
  const real = await bob.phone.client.createGroup('Walk', ['alice'])
  await bob.phone.say(real.chat, 'at eight')
  await world.settle()
  world.relay.tamper(({ device, frame, call, direction }) => {
    const { kind } = frame
    if (device !== 'alice.phone' || direction !== 'to-relay' || call !== 'getWelcome') return undefined
    if (kind.case !== 'request' || kind.value.call.case !== 'getWelcome') return undefined
    const { value } = kind.value.call
    value.chat = bytesOf(sameBytes(value.chat, bytesOf(trap.chat)) ? real.chat : trap.chat)
    return [{ ...frame }]
  })
  alice.phone.connect()
  await world.settle()
  await alice.phone.client.sync()
  await world.settle()
  const walk = alice.phone.client.chats().find((one) => one.chat === real.chat)
  expect(walk?.with).toEqual(['bob'])
  expect(faults(alice.phone, 'join-refused')).toContain('another-chat')
  expect(faults(alice.phone, 'state-lost')).toEqual([])
  // By itself it cannot know that this is the newest epoch (C8).
  await alice.phone.jot(real.chat, 'I come')
  await world.forward(31_000)
  await world.settle()
  expect(bob.phone.heard(real.chat)).toEqual(['I come'])
  expect(mallory.phone.heard()).toEqual([])
})

test('what lies before a hole that the relay claims is taken in or counts as missing', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  alice.laptop.disconnect()
  for (const text of ['four', 'five', 'six']) await bob.phone.say(alice, text)
  await world.settle()
  const [six, five, four] = alice.phone.client.messages(chat, 3).map((message) => Number(message.seq))
  const hashOf = (seq: number | undefined) => {
    const hash = alice.phone.database.get('select hash from log_hash where chat = ? and seq = ?', chat, seq ?? 0)
    return hash?.['hash'] instanceof Uint8Array ? hash['hash'] : expect.unreachable('the phone has the hash')
  }
  const hole = create(HoleSchema, {
    fromSeq: BigInt(five ?? 0),
    toSeq: BigInt(five ?? 0),
    fromMs: 0n,
    toMs: 0n,
    logHash: hashOf(five),
  })
  tellDifferently(
    world,
    alice.laptop,
    chat,
    (entries) => entries.filter((entry) => Number(entry.seq) !== five),
    (answer: Fetched) => {
      answer.holes = [hole]
    },
  )
  alice.laptop.connect()
  await world.settle()
  expect([four, six]).not.toContain(undefined)
  expect(alice.laptop.heard(chat)).toEqual(['three', 'four', 'six'])
  expect(alice.laptop.client.status().gaps).toBe(1)
})

test('a hole said to begin later than what is missing does not hide what is', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  alice.laptop.disconnect()
  for (const text of ['four', 'five']) await bob.phone.say(alice, text)
  await world.settle()
  const [five] = alice.phone.client.messages(chat, 1).map((message) => Number(message.seq))
  const row = alice.phone.database.get('select hash from log_hash where chat = ? and seq = ?', chat, five ?? 0)
  const logHash = row?.['hash'] instanceof Uint8Array ? row['hash'] : expect.unreachable('the phone has the hash')
  const at = BigInt(five ?? 0)
  tellDifferently(
    world,
    alice.laptop,
    chat,
    (entries) => entries.filter((entry) => entry.kind !== EntryKind.MESSAGE),
    (answer: Fetched) => {
      answer.holes = [create(HoleSchema, { fromSeq: at, toSeq: at, fromMs: 0n, toMs: 0n, logHash })]
    },
  )
  alice.laptop.connect()
  await world.settle()
  const gaps = alice.laptop.database.all('select from_seq, to_seq from gap where chat = ?', chat)
  expect(gaps.map((gap) => [gap['from_seq'], gap['to_seq']])).toEqual([[(five ?? 0) - 1, five]])
})

test('numbers that no log reaches harm nothing', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  const huge = 2n ** 63n
  let lies = 3
  world.relay.tamper(({ device, direction, frame }) => {
    const { kind } = frame
    if (lies === 0 || device !== 'alice.laptop' || direction !== 'to-device') return undefined
    if (kind.case === 'push' && kind.value.kind.case === 'entry' && kind.value.kind.value.entry) {
      kind.value.kind.value.entry.atMs = huge
      lies -= 1
      return [{ ...frame }]
    }
    if (kind.case !== 'response') return undefined
    const { result } = kind.value
    if (result.case === 'fetched') {
      result.value.headSeq = huge
      for (const one of result.value.entries) one.atMs = huge
    } else if (result.case === 'sync') {
      result.value.relayTimeMs = huge
      for (const one of result.value.chats) Object.assign(one, { headSeq: huge, lastAtMs: huge, epoch: huge })
    } else return undefined
    lies -= 1
    return [{ ...frame }]
  })
  await bob.phone.say(alice, 'four')
  await world.settle()
  await alice.laptop.client.sync()
  await world.settle()
  expect(lies).toBe(0)
  await bob.phone.say(alice, 'five')
  await world.settle()
  expect(alice.laptop.heard(chat)).toEqual(['three', 'four', 'five'])
  await alice.laptop.say(bob, 'six')
  await world.settle()
  expect(bob.phone.heard()).toContain('six')
})
