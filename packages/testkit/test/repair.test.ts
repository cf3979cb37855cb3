import { create, EntryKind, EntrySchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { conversation, damage, heldIn, tellDifferently } from './lying-log.ts'
import { createWorld } from './world.ts'

test.each([1, 2, 3])(
  'a device that has lost every %i. row of its MLS state heals, and nobody else is the worse for it',
  async (every) => {
    await using world = await createWorld()
    const { alice, bob } = await conversation(world)
    alice.laptop.kill()
    await bob.phone.say(alice, 'while it was off')
    alice.laptop.restart()
    damage(alice.laptop, every, 'lost')
    alice.laptop.restart()
    await world.settle()
    await alice.laptop.client.sync()
    await world.settle()
    await bob.phone.say(alice, 'after')
    await alice.laptop.say(bob, 'I am whole again')
    await world.settle()
    expect(bob.phone.shows(alice)).toEqual(['one', 'two', 'three', 'while it was off', 'after', 'I am whole again'])
    expect(alice.phone.shows(bob)).toEqual(bob.phone.shows(alice))
    const shown = alice.laptop.shows(bob)
    expect(shown.slice(-2)).toEqual(['after', 'I am whole again'])
    // What could not be read is a gap that is told.
    if (!shown.includes('while it was off')) expect(alice.laptop.client.status().gaps).toBeGreaterThan(0)
    await alice.laptop.say('self', 'a note')
    await world.settle()
    expect(alice.phone.shows('self')).toEqual(['a note'])
  },
)

test('an entry that the relay says it no longer has is shown as a gap', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  alice.laptop.disconnect()
  await bob.phone.say(alice, 'lost')
  await bob.phone.say(alice, 'found')
  await world.settle()
  const [first] = alice.phone.client.messages(chat, 2)
  const lost = BigInt(first?.seq ?? 0)
  const hash = alice.phone.database.get('select hash from log_hash where chat = ? and seq = ?', chat, Number(lost))?.[
    'hash'
  ]
  if (!(hash instanceof Uint8Array)) return expect.unreachable('the phone has the hash of that entry')
  tellDifferently(
    world,
    alice.laptop,
    chat,
    (entries) => entries.filter((entry) => entry.seq !== lost),
    (answer) => {
      const hole = {
        $typeName: 'quintet.v1.Hole',
        fromSeq: lost,
        toSeq: lost,
        fromMs: 0n,
        toMs: 0n,
        logHash: hash,
      } as const
      answer.holes = [hole]
    },
  )
  alice.laptop.connect()
  await world.settle()
  expect(alice.laptop.heard(chat)).toEqual(['three', 'found'])
  expect(alice.laptop.client.status().gaps).toBe(1)
})

test('a log renumbered over a withheld entry is found out by the next message, and sends are held', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  let withheld: bigint | undefined
  tellDifferently(world, alice.laptop, chat, (entries) =>
    entries.flatMap((entry) => {
      withheld ??= entry.kind === EntryKind.MESSAGE ? entry.seq : undefined
      if (withheld === undefined || entry.seq < withheld) return [entry]
      return entry.seq === withheld ? [] : [create(EntrySchema, { ...entry, seq: entry.seq - 1n })]
    }),
  )
  await bob.phone.say(alice, 'withheld')
  await bob.phone.say(alice, 'after')
  await alice.phone.say(bob, 'and after that')
  await world.settle()
  expect(alice.laptop.heard(chat)).not.toContain('withheld')
  expect(heldIn(alice.laptop, chat)).toBeDefined()
  await alice.laptop.jot(bob, 'into the fork')
  await world.settle()
  expect(bob.phone.heard(chat)).not.toContain('into the fork')
})

test('two entries in another order for one device: a fork, found out by the next message', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  alice.laptop.disconnect()
  await bob.phone.say(alice, 'first')
  await alice.phone.say(bob, 'second')
  await world.settle()
  const [a, b] = alice.phone.client.messages(chat, 2).map((message) => BigInt(message.seq ?? 0))
  tellDifferently(world, alice.laptop, chat, (entries) =>
    entries
      .map((entry) =>
        create(EntrySchema, { ...entry, seq: (entry.seq === a ? b : entry.seq === b ? a : undefined) ?? entry.seq }),
      )
      .sort((one, other) => Number(one.seq - other.seq)),
  )
  alice.laptop.connect()
  await world.settle()
  await bob.phone.say(alice, 'third')
  await world.settle()
  expect(alice.laptop.shows(chat).slice(3, 5)).toEqual(['second', 'first'])
  expect(heldIn(alice.laptop, chat)).toBeDefined()
  expect(heldIn(alice.phone, chat)).toBeUndefined()
})

test('a device whose database went back in time neither repeats nor loses, and its chats go on', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  const yesterday = alice.laptop.copy()
  await alice.laptop.say(bob, 'four')
  await bob.phone.say(alice, 'five')
  await alice.laptop.say(bob, 'six')
  await world.settle()
  alice.laptop.restart({ from: yesterday })
  await world.settle()
  await alice.laptop.say(bob, 'seven')
  await bob.phone.say(alice, 'eight')
  await world.settle()
  expect(bob.phone.shows(chat)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'])
  expect(alice.phone.shows(chat)).toEqual(bob.phone.shows(chat))
  expect(alice.laptop.shows(chat).slice(-2)).toEqual(['seven', 'eight'])
  const shown = alice.laptop.shows(chat)
  if (shown.length < 8) expect(alice.laptop.client.status().gaps).toBeGreaterThan(0)
})
