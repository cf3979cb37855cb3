import { type Device, seeded, type World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

const steps = 40
const given = process.env['QUINTET_SEED']
const seeds = given === undefined ? [5, 6, 7] : [Number(given)]

async function attempt(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    return false
  }
}

async function unlink(by: Device, gone: Device): Promise<void> {
  const device = gone.client.self()?.device
  if (device !== undefined) await by.client.unlink(device)
}

/** A group in which people come and go, and so do their devices, while everybody writes and connections break. */
async function live(world: World, seed: number) {
  const chance = seeded(seed)
  const alice = await world.account('alice', 'phone', 'laptop')
  const people = [
    await world.account('bob', 'phone'),
    await world.account('carol', 'phone'),
    await world.account('dave', 'phone'),
  ]
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  const pick = <T>(from: readonly T[]): T => from[chance.int(from.length)] ?? expect.unreachable('there are some')
  const everybody = () => [alice, ...people].flatMap((person) => person.devices).filter((device) => !gone.has(device))
  const gone = new Set<Device>()
  const said: { readonly by: Device; readonly text: string }[] = []
  const pending: Promise<unknown>[] = []
  const start = (work: Promise<unknown>) => void pending.push(attempt(work))
  let linked = 0
  const write = () => {
    const by = pick(everybody())
    const text = `${by.name} ${said.length}`
    said.push({ by, text })
    start(by.jot(chat, text))
  }
  const happenings: readonly (() => unknown)[] = [
    write,
    write,
    write,
    write,
    () => start(alice.phone.client.addToGroup(chat, [pick(people).handle])),
    () => start(alice.phone.client.removeFromGroup(chat, pick(people).handle)),
    () => attempt(alice.laptop.client.sync()),
    async () => {
      const person = pick([alice, ...people])
      const by = person.devices[0]
      if (by && person.devices.filter((device) => !gone.has(device)).length < 4)
        await attempt(world.link(by, `tablet${++linked}`))
    },
    async () => {
      const person = pick([alice, ...people])
      const by = person.devices[0]
      const last = person.devices.filter((device) => !gone.has(device)).at(-1)
      if (by === undefined || last === undefined || last === by || last === alice.laptop) return
      gone.add(last)
      await attempt(unlink(by, last))
    },
    () => world.network.cut(pick(everybody()).name),
    () => pick(everybody()).restart(),
    () => world.settle(),
  ]
  for (let step = 0; step < steps; step++) await pick(happenings)()
  await world.until(Promise.all(pending))
  await world.settle()
  // What one refuses for a moment (a busy chat, a relay that counts) goes with the next round.
  for (let round = 0; round < 3; round++) {
    for (const device of everybody()) await attempt(device.client.sync())
    await world.settle()
    await world.forward(10_000)
  }
  return { alice, people, chat, said, gone, everybody }
}

/** Leaving out some is allowed; another order or a doubled one is not. */
function isPart(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const text of whole) if (text === part[at]) at += 1
  return at === part.length
}

test.each(seeds)(
  'people and devices come and go, and whoever is there sees what the others see (%i)',
  { timeout: 90_000 },
  async (seed) => {
    await using world = await createWorld({ seed })
    const { alice, people, chat, said, gone, everybody } = await live(world, seed)
    const reference = alice.phone.shows(chat)
    expect(alice.laptop.shows(chat)).toEqual(reference)
    expect(new Set(reference).size).toBe(reference.length)
    const members = new Set(alice.phone.client.chats().find((one) => one.chat === chat)?.with)
    for (const person of [alice, ...people])
      for (const device of person.devices) {
        if (!device.client.chats().some((one) => one.chat === chat)) continue
        const shows = device.shows(chat).filter((text) => reference.includes(text) || !text.startsWith(device.name))
        expect({ device: device.name, inOrder: isPart(shows, reference), shows, reference }).toMatchObject({
          inOrder: true,
        })
      }
    // Each device's own texts stand in the order in which it wrote them.
    for (const device of everybody()) {
      const own = said.filter(({ by, text }) => by === device && reference.includes(text)).map(({ text }) => text)
      expect(reference.filter((text) => text.startsWith(`${device.name} `))).toEqual(own)
    }
    // And the group lives: everybody who is in hears everybody.
    const inside = [alice, ...people].filter((person) => person === alice || members.has(person.handle))
    for (const person of inside) await person.devices[0]?.say(chat, `last words of ${person.handle}`)
    await world.settle()
    for (const device of inside.flatMap((person) => person.devices).filter((one) => !gone.has(one))) {
      const last = device.shows(chat).slice(-inside.length)
      expect({ device: device.name, last }).toEqual({
        device: device.name,
        last: inside.map((one) => `last words of ${one.handle}`),
      })
    }
    for (const device of gone) expect(device.heard().filter((text) => text.startsWith('last words'))).toEqual([])
  },
)
