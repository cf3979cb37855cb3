import { resealBody, sealEphemeral } from '@quintet/crypto'
import { bytesOf } from '@quintet/domain'
import { type Device, pushOf, requestOf, type World } from '@quintet/testkit'
import { BodySchema, create, EntryKind, EntrySchema, FailureCode, FrameSchema, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { engineOf } from './engine-of.ts'
import { entryPush } from './fooled.ts'
import { conversation, damage, heldIn, tellDifferently } from './lying-log.ts'
import { createWorld } from './world.ts'

const isAsked = (device: Device, what: string) => (seen: Parameters<Parameters<World['relay']['tamper']>[0]>[0]) =>
  seen.device === device.name && seen.direction === 'to-relay' && seen.call === what

test('nothing goes out on a new connection before it is known who has been unlinked meanwhile', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'laptop')
  const carol = await world.account('carol', 'phone')
  await alice.phone.say(bob, 'hello')
  await alice.phone.say(carol, 'hello')
  await world.settle()
  alice.phone.disconnect()
  await alice.phone.jot(bob, 'not for the thief')
  const laptop = (await bob.phone.client.devices()).find((one) => one.name === 'laptop')
  await bob.phone.client.unlink(laptop?.device ?? expect.unreachable('it is listed'))
  await world.settle()
  // The answer to what stands where is slow to come, and something is pushed meanwhile.
  const fast = world.relay.tamper(({ device, direction, call }) =>
    device === 'alice.phone' && direction === 'to-device' && call === 'sync' ? [] : undefined,
  )
  let appends = 0
  const isAppend = isAsked(alice.phone, 'append')
  world.relay.tamper((seen) => {
    if (isAppend(seen)) appends += 1
    return undefined
  })
  alice.phone.connect()
  await world.until(alice.phone.client.online())
  await carol.phone.say(alice, 'are you there?')
  await world.forward(1_000)
  expect(alice.phone.heard(carol)).toEqual(['are you there?'])
  expect(appends).toBe(0)
  fast()
  alice.phone.disconnect()
  alice.phone.connect()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'not for the thief'])
})

test('what the relay does not take at once is said to be kept, so that nobody writes it again', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  const isAppend = isAsked(alice.phone, 'append')
  const stop = world.relay.tamper((seen) => {
    if (!isAppend(seen)) return undefined
    const failure = { code: FailureCode.RATE_LIMITED, retryAfterMs: 1_000n }
    const value = { id: requestOf(seen.frame)?.id ?? 0, result: { case: 'failure', value: failure } } as const
    world.relay.inject(alice.phone, create(FrameSchema, { kind: { case: 'response', value } }))
    return []
  })
  await expect(alice.phone.say(bob, 'four')).rejects.toMatchObject({ code: 'rate-limited', details: { queued: true } })
  stop()
  await alice.phone.say(bob, 'five')
  await world.settle()
  expect(bob.phone.shows(chat)).toEqual(['one', 'two', 'three', 'four', 'five'])
})

test('a member who seals rubbish as a sign of typing harms nobody', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  const engine = engineOf(bob.phone)
  const group = bytesOf(chat)
  const device = bytesOf(bob.phone.client.self()?.device ?? expect.unreachable('Bob is signed in'))
  const key = engine.exportSecret(group, 'quintet/eph', device, 32)
  const { epoch } = engine.view(group) ?? expect.unreachable('Bob is in the chat')
  const sealed = sealEphemeral(key, group, new Uint8Array([0xff, 0xff, 0xff]))
  const kind = { case: 'signal', value: { chat: group, device, epoch, sealed } } as const
  world.relay.inject(alice.phone, create(FrameSchema, { kind: { case: 'push', value: { kind } } }))
  await world.settle()
  await bob.phone.client.typing('alice')
  await world.settle()
  expect(alice.phone.events.filter((event) => event.event === 'typing')).toHaveLength(1)
})

test.each(['n', 'seenSeq', 'sentAtMs'] as const)(
  'a member who claims what no counter and no clock reaches (%s) is not heard, and the chat goes on',
  async (field) => {
    await using world = await createWorld()
    const { alice, bob, chat } = await conversation(world)
    const engine = engineOf(bob.phone)
    const view = engine.view(bytesOf(chat)) ?? expect.unreachable('Bob is in the chat')
    const own = view.leaves.find((leaf) => leaf.index === view.ownLeaf) ?? expect.unreachable('Bob has a leaf')
    engine.useIdentity(own.signatureKey, own.credential)
    const header = { n: 2n, seenSeq: 1n, seenHash: new Uint8Array(16), sentAtMs: 1n, [field]: 2n ** 60n }
    const body = toBinary(BodySchema, create(BodySchema, { kind: { case: 'text', value: { text: 'boo' } } }))
    const { entryId, plaintext } = resealBody(header, body, new Uint8Array(32))
    const row = alice.phone.database.get('select cursor, epoch from chat where chat = ?', chat)
    const entry = create(EntrySchema, {
      seq: BigInt(Number(row?.['cursor']) + 1),
      atMs: BigInt(world.now()),
      epoch: BigInt(Number(row?.['epoch'])),
      kind: EntryKind.MESSAGE,
      content: true,
      device: bytesOf(bob.phone.client.self()?.device ?? expect.unreachable('Bob is signed in')),
      n: 2n,
      message: engine.encrypt(bytesOf(chat), entryId, plaintext),
    })
    world.relay.inject(alice.phone, entryPush(chat, entry))
    await world.settle()
    const { dropped } = alice.phone.database.get('select sum(count) as dropped from dropped') ?? {}
    expect({ shows: alice.phone.shows(chat), dropped }).toEqual({ shows: ['one', 'two', 'three'], dropped: 1 })
    expect(heldIn(alice.phone, chat)).toBeUndefined()
  },
)

test('whoever has not been accepted sees no typing, and theirs is not shown', async () => {
  await using world = await createWorld({ requests: 'wait' })
  const alice = await world.account('alice', 'phone')
  const mallory = await world.account('mallory', 'phone')
  await mallory.phone.say(alice, 'psst')
  await world.settle()
  let signals = 0
  const isSignal = isAsked(alice.phone, 'signal')
  world.relay.tamper((seen) => {
    if (isSignal(seen)) signals += 1
    return undefined
  })
  await alice.phone.client.typing('mallory')
  await mallory.phone.client.typing('alice')
  await world.settle()
  expect({ signals, seen: alice.phone.events.filter((event) => event.event === 'typing') }).toEqual({
    signals: 0,
    seen: [],
  })
  await alice.phone.client.accept('mallory')
  await alice.phone.client.typing('mallory')
  await world.settle()
  expect(signals).toBe(1)
})

test('two people who were added one by one while somebody heard nothing of it block nothing', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await world.account('carol', 'phone')
  await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  const stop = world.relay.tamper(({ device, direction, frame }) =>
    device === 'bob.phone' && direction === 'to-device' && pushOf(frame) !== undefined ? [] : undefined,
  )
  await alice.phone.client.addToGroup(chat, ['carol'])
  await alice.phone.client.addToGroup(chat, ['dave'])
  await world.settle()
  stop()
  await alice.phone.say(chat, 'all here?')
  await world.settle()
  expect(bob.phone.heard(chat)).toEqual(['all here?'])
  expect(heldIn(bob.phone, chat)).toBeUndefined()
  expect(bob.phone.client.notices()).toEqual([])
})

test('a fork that is found out while a chat waits to be confirmed holds it', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  alice.laptop.database.run("update chat set held = 'unconfirmed', held_at = ? where chat = ?", world.now(), chat)
  let withheld: bigint | undefined
  tellDifferently(world, alice.laptop, chat, (entries) =>
    entries.flatMap((entry) => {
      withheld ??= entry.kind === EntryKind.MESSAGE ? entry.seq : undefined
      if (withheld === undefined || entry.seq < withheld) return [entry]
      return entry.seq === withheld ? [] : [{ ...entry, seq: entry.seq - 1n }]
    }),
  )
  await bob.phone.say(alice, 'withheld')
  await bob.phone.say(alice, 'after')
  await world.settle()
  expect(heldIn(alice.laptop, chat)).toContain('A device of bob')
})

test('what waits for half a minute because nobody confirms goes by itself', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const chat = alice.phone.chat(bob)
  damage(alice.phone, 1, 'lost')
  alice.phone.restart()
  await world.settle()
  await alice.phone.jot(bob, 'are you there?')
  await world.settle()
  expect(heldIn(alice.phone, chat)).toContain('30 seconds')
  expect(bob.phone.heard()).toEqual(['hello'])
  await world.forward(31_000)
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'are you there?'])
})
