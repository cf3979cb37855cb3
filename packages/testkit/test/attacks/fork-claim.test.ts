import { resealBody } from '@quintet/crypto'
import { bytesOf, type ChatId } from '@quintet/domain'
import { type Device, requestOf, type World } from '@quintet/testkit'
import { BodySchema, create, FrameSchema, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { heldIn } from '../lying-log.ts'
import { createWorld } from '../world.ts'
import { sendAnything, unbound } from './malice.ts'

async function group(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const mallory = await world.account('mallory', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'mallory'])
  await world.settle()
  for (const { phone } of [alice, bob, mallory]) await phone.say(chat, `${phone.name} is here`)
  await world.settle()
  return { alice, bob, mallory, chat }
}

/** From now on that device says, in everything that it writes, to have seen another log than it has. */
function lieAboutLog(device: Device): void {
  for (const { chat, seq } of device.database.all('select chat, max(seq) as seq from log_hash group by chat'))
    device.database.run(
      'update log_hash set hash = randomblob(32) where chat = ? and seq = ?',
      String(chat),
      Number(seq),
    )
  device.database.run('update chat set log_hash = randomblob(32)')
}

const notices = (device: Device) => device.client.notices().map(({ sentence }) => sentence)

test('a member who claims to have seen another log is named, holds the group for a moment, and does not silence it (R6)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await group(world)
  lieAboutLog(mallory.phone)
  await mallory.phone.say(chat, 'what you see is false')
  await world.settle()
  for (const { phone } of [alice, bob]) {
    expect(heldIn(phone, chat)).toContain('A device of mallory')
    expect(notices(phone).join()).toContain('mallory')
  }
  await alice.phone.jot(chat, 'is it?')
  await world.settle()
  expect(bob.phone.heard(chat)).not.toContain('is it?')
  await world.forward(31_000)
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('is it?')
  // Bob has seen the same as Alice, and Alice the same as he: both go on at once.
  expect(heldIn(bob.phone, chat)).toBeUndefined()
  // Saying it again and again does not stop them again.
  mallory.phone.database.run('update chat set held = null where chat = ?', chat)
  await mallory.phone.say(chat, 'false, I say')
  await world.settle()
  await bob.phone.say(chat, 'we go on')
  await world.settle()
  expect(alice.phone.heard(chat)).toContain('we go on')
  expect(heldIn(alice.phone, chat)).toBeUndefined()
})

test('whoever else has seen the same frees a group at once that one member’s claim holds (R6)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await group(world)
  bob.phone.disconnect()
  lieAboutLog(mallory.phone)
  await mallory.phone.say(chat, 'what you see is false')
  await world.settle()
  expect(heldIn(alice.phone, chat)).toBeDefined()
  await alice.phone.jot(chat, 'is it?')
  // Bob's words, for which he waited himself, are those of somebody who has seen what Alice has.
  bob.phone.connect()
  await world.settle()
  expect(heldIn(bob.phone, chat)).toBeDefined()
  bob.phone.database.run('update chat set held = null where chat = ?', chat)
  await bob.phone.say(chat, 'it is not')
  await world.settle()
  expect(heldIn(alice.phone, chat)).toBeUndefined()
  expect(bob.phone.heard(chat)).toContain('is it?')
})

test('one’s own other device is no witness against a claim, as the relay shows both the same (R6)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const mallory = await world.account('mallory', 'phone')
  await alice.phone.say(mallory, 'hello')
  await alice.laptop.say(mallory, 'hello')
  await mallory.phone.say(alice, 'hi')
  await world.settle()
  const chat = alice.phone.chat(mallory)
  lieAboutLog(mallory.phone)
  await mallory.phone.say(alice, 'what you see is false')
  await world.settle()
  alice.laptop.database.run('update chat set held = null where chat = ?', chat)
  await alice.laptop.say(mallory, 'from the laptop')
  await world.settle()
  expect(heldIn(alice.phone, chat)).toBeDefined()
})

test('a wrong word of the relay about somebody’s log holds nothing longer than the relay keeps to it (D10, D11)', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await group(world)
  for (const head of [
    { position: 0n, hash: new Uint8Array(32).fill(1) },
    { position: 77n, hash: new Uint8Array(32).fill(1) },
  ]) {
    const kind = { case: 'logChanged', value: { account: bytesOf(bob.account), head } } as const
    world.relay.inject(alice.phone, create(FrameSchema, { kind: { case: 'push', value: { kind } } }))
    await world.settle()
    await alice.phone.say(chat, `after ${head.position}`)
    await world.settle()
    expect(bob.phone.heard(chat).at(-1)).toBe(`after ${head.position}`)
  }
  expect(notices(alice.phone)).toEqual([])
})

test('a group in which a member names a false head of her own log is freed when an admin takes her out (D10, D11)', async () => {
  await using world = await createWorld()
  const { alice, bob, mallory, chat } = await group(world)
  lieAboutHead(world, mallory.phone, chat)
  await mallory.phone.jot(chat, 'hm')
  await world.settle()
  expect(alice.phone.heard(chat)).toContain('hm')
  await alice.phone.jot(chat, 'can you hear me?')
  await world.settle()
  expect(heldIn(alice.phone, chat)).toContain('Two different lists')
  expect(bob.phone.heard(chat)).not.toContain('can you hear me?')
  await alice.phone.client.removeFromGroup(chat, 'mallory')
  await alice.phone.client.sync()
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('can you hear me?')
  expect(heldIn(alice.phone, chat)).toBeUndefined()
})

test('a phished device that speaks of another state stops its account’s chats until it is unlinked (R6)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await bob.phone.say(alice, 'hi')
  await world.settle()
  const chat = alice.phone.chat(bob)
  const epoch = BigInt(Number(alice.phone.database.get('select epoch from chat where chat = ?', chat)?.['epoch']))
  const value = { chat: bytesOf(chat), epoch, authenticator: new Uint8Array(32), request: false }
  await sendAnything(alice.tablet, alice.tablet.chat('self'), { case: 'epochConfirm', value })
  await world.settle()
  expect(heldIn(alice.phone, chat)).toContain('not in the same state')
  await alice.phone.jot(bob, 'are you there?')
  await world.forward(31_000)
  expect(bob.phone.heard()).not.toContain('are you there?')
  await alice.phone.client.unlink(alice.tablet.client.self()?.device ?? expect.unreachable('it is signed in'))
  await alice.phone.client.sync()
  await world.settle()
  expect(bob.phone.heard()).toContain('are you there?')
  expect(heldIn(alice.phone, chat)).toBeUndefined()
})

/** Whatever it sends next names another entry than the one that stands at the newest place of its account's log. */
function lieAboutHead(world: World, device: Device, chat: ChatId): void {
  world.relay.tamper(({ device: name, frame }) => {
    const call = name === device.name ? requestOf(frame)?.call : undefined
    if (call?.case !== 'append') return undefined
    const row = device.database.get('select cursor, log_hash from chat where chat = ?', chat)
    const hash = row?.['log_hash'] instanceof Uint8Array ? row['log_hash'] : expect.unreachable('it has one')
    const header = {
      n: call.value.n,
      seenSeq: BigInt(Number(row?.['cursor'])),
      seenHash: hash.slice(0, 16),
      sentAtMs: BigInt(world.now()),
      head: { position: 0n, hash: new Uint8Array(8).fill(5) },
    }
    const body = toBinary(BodySchema, create(BodySchema, { kind: { case: 'text', value: { text: 'hm' } } }))
    const { entryId, plaintext } = resealBody(header, body, new Uint8Array(32).fill(6))
    call.value.message = unbound(device, chat).encrypt(bytesOf(chat), entryId, plaintext)
    return [{ ...frame }]
  })
}
