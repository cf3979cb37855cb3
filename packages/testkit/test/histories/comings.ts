import assert from 'node:assert/strict'
import { createWorld, type Device, seeded, type World } from '@quintet/testkit'
import { attempt } from './attempt.ts'

const steps = 40

async function unlink(by: Device, gone: Device): Promise<void> {
  const device = gone.client.self()?.device
  if (device !== undefined) await by.client.unlink(device)
}

/** A group in which people come and go, and so do their devices, while everybody writes and connections break. */
async function happen(world: World, seed: number) {
  const chance = seeded(seed)
  const alice = await world.account('alice', 'phone', 'laptop')
  const people = [
    await world.account('bob', 'phone'),
    await world.account('carol', 'phone'),
    await world.account('dave', 'phone'),
  ]
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  const pick = <T>(from: readonly T[]): T => from[chance.int(from.length)] ?? assert.fail('there are some')
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

/** People and devices come and go, and whoever is there sees what the others see. Answers how many texts there were. */
export async function comeAndGo(seed: number): Promise<{ readonly texts: number; readonly written: number }> {
  await using world = await createWorld({ seed })
  try {
    return await check(world, seed)
  } catch (error) {
    if (error instanceof Error) error.message += `\nlast frames:\n${world.network.trace.join('\n')}`
    throw error
  }
}

async function check(world: World, seed: number) {
  const { alice, people, chat, said, gone, everybody } = await happen(world, seed)
  const reference = alice.phone.shows(chat)
  assert.deepEqual(alice.laptop.shows(chat), reference)
  assert.equal(new Set(reference).size, reference.length, 'each text stands once')
  const members = new Set(alice.phone.client.chats().find((one) => one.chat === chat)?.with)
  for (const person of [alice, ...people])
    for (const device of person.devices) {
      if (!device.client.chats().some((one) => one.chat === chat)) continue
      const shows = device.shows(chat).filter((text) => reference.includes(text) || !text.startsWith(device.name))
      assert.ok(
        isPart(shows, reference),
        `${device.name} shows ${JSON.stringify(shows)}, and others ${JSON.stringify(reference)}`,
      )
    }
  // Each device's own texts stand in the order in which it wrote them.
  for (const device of everybody()) {
    const own = said.filter(({ by, text }) => by === device && reference.includes(text)).map(({ text }) => text)
    assert.deepEqual(
      reference.filter((text) => text.startsWith(`${device.name} `)),
      own,
    )
  }
  // And the group lives: everybody who is in hears everybody.
  const inside = [alice, ...people].filter((person) => person === alice || members.has(person.handle))
  for (const person of inside) await person.devices[0]?.say(chat, `last words of ${person.handle}`)
  await world.settle()
  const words = inside.map((one) => `last words of ${one.handle}`)
  for (const device of inside.flatMap((person) => person.devices).filter((one) => !gone.has(one)))
    assert.deepEqual(
      { device: device.name, last: device.shows(chat).slice(-inside.length) },
      { device: device.name, last: words },
    )
  for (const device of gone)
    assert.deepEqual(
      device.heard().filter((text) => text.startsWith('last words')),
      [],
    )
  return { texts: reference.length, written: said.length }
}
