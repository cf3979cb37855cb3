import { ClientError, DatabaseError } from '@quintet/client'
import type { Device } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

/** Told in words by whoever shows it, once it comes out of the core as what it is. */
function isFull(error: unknown): boolean {
  return error instanceof DatabaseError
    ? error.kind === 'full'
    : error instanceof ClientError && error.code === 'disk-full'
}

/** Leaves no room for another page, as SQLite meets a full disk. */
function fill({ database }: Device): void {
  database.script('create table if not exists ballast (bytes blob)')
  const pages = Number(database.get('pragma page_count')?.['page_count'])
  database.script(`pragma max_page_count = ${pages}`)
  try {
    for (;;) database.run('insert into ballast values (zeroblob(3000))')
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'full') throw error
  }
}

function makeRoom({ database }: Device): void {
  database.script('pragma max_page_count = 1000000; drop table ballast')
}

const long = (text: string) => `${text} ${'y'.repeat(9_000)}`

test('a device without room refuses to write in words, keeps what it had, and goes on when there is room', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await world.settle()
  fill(alice.phone)
  await expect(alice.phone.say(bob, long('two'))).rejects.toSatisfy(isFull)
  await expect(alice.phone.client.createGroup(long('Walk').slice(0, 60), ['bob'])).rejects.toSatisfy(isFull)
  await alice.laptop.say(bob, 'meanwhile')
  await world.settle()
  expect(alice.phone.shows(bob)[0]).toBe('one')
  makeRoom(alice.phone)
  await alice.phone.client.sync()
  await alice.phone.say(bob, 'three')
  await world.settle()
  for (const device of [...alice.devices]) expect(device.shows(bob)).toEqual(['one', 'meanwhile', 'three'])
  expect(bob.phone.shows(alice)).toEqual(['one', 'meanwhile', 'three'])
})

test('what comes to a device without room is not acknowledged; it says so, and has all of it once, in order, later', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await bob.phone.say(alice, 'two')
  await world.settle()
  fill(bob.phone)
  const texts = ['three', 'four', 'five', 'six'].map(long)
  for (const text of texts) await alice.phone.say(bob, text)
  await world.settle()
  expect(alice.phone.tickOf(texts.at(-1) ?? '')).toBe('sent')
  expect(bob.phone.events.findLast((event) => event.event === 'state')).toMatchObject({ code: 'disk-full' })
  await expect(bob.phone.client.sync()).rejects.toSatisfy(isFull)
  makeRoom(bob.phone)
  // Nobody has to do anything: the next that comes brings the rest along.
  await alice.phone.say(bob, 'seven')
  await world.settle()
  expect(bob.phone.shows(alice)).toEqual(['one', 'two', ...texts, 'seven'])
  expect(bob.phone.client.status().gaps).toBe(0)
  expect(alice.phone.tickOf('seven')).toBe('delivered')
})

test('a device that runs out of room at any step goes on from there', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'begin')
  await world.settle()
  const said = ['begin']
  for (const round of [0, 1, 2, 3]) {
    fill(alice.laptop)
    const mine = long(`mine ${round}`)
    await alice.laptop.say(bob, mine).then(
      () => said.push(mine),
      (error: unknown) => expect(error).toSatisfy(isFull),
    )
    const theirs = long(`theirs ${round}`)
    await bob.phone.say(alice, theirs)
    said.push(theirs)
    await alice.phone.client.createGroup(`Group ${round}`, ['bob'])
    await world.settle()
    makeRoom(alice.laptop)
    if (round % 2 === 0) alice.laptop.restart()
    await world.settle()
    await alice.laptop.client.sync()
    await world.settle()
  }
  await world.forward(31_000)
  await alice.laptop.say(bob, 'end')
  await alice.laptop.say(alice.laptop.chat('Group 3'), 'here too')
  await world.settle()
  const shown = alice.phone.shows(bob)
  expect(new Set(shown).size).toBe(shown.length)
  for (const text of [...said, 'end']) expect(shown).toContain(text)
  for (const device of [alice.laptop, bob.phone])
    expect(device.shows(device === bob.phone ? alice : bob)).toEqual(shown)
  expect(alice.laptop.client.status()).toMatchObject({ outbox: 0, gaps: 0, chatsPending: 0 })
})

test.each([1, 2, 3])(
  'a new device that runs out of room while it is linked is refused in words, and linked later (%i)',
  async (at) => {
    const full = new Set<string>()
    let left = at
    await using world = await createWorld({
      writes(device, moment) {
        if (device.name !== 'alice.laptop' || moment !== 'before' || full.size > 0) return
        left -= 1
        if (left > 0) return
        full.add(device.name)
        fill(device)
      },
    })
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await bob.phone.say(alice, 'hello')
    await world.settle()
    const laptop = world.device('alice', 'laptop')
    const link = async () => {
      let shown = (_offer: string) => {}
      const offered = new Promise<string>((resolve) => {
        shown = resolve
      })
      const linking = laptop.client.link(
        { kind: 'desktop', name: 'laptop' },
        { offer: ({ offer }) => shown(offer), confirm: async () => true },
      )
      const ended = linking.catch((error: unknown) => error)
      const offer = await world.until(Promise.race([offered, ended.then(() => undefined)]))
      if (offer !== undefined)
        await alice.phone.client
          .approve(offer, { manage: false }, { pick: async ({ right }) => right })
          .catch(() => undefined)
      return linking
    }
    await expect(link()).rejects.toSatisfy(isFull)
    makeRoom(laptop)
    await world.settle()
    if (laptop.client.self() === undefined) {
      for (const one of await alice.phone.client.devices()) if (!one.self) await alice.phone.client.unlink(one.device)
      await link()
    }
    await laptop.client.sync()
    await bob.phone.say(alice, 'there?')
    await world.settle()
    expect(laptop.heard().at(-1)).toBe('there?')
  },
)
