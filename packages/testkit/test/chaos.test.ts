import { type Device, seeded, type World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

const steps = 60
const given = process.env['QUINTET_SEED']
const seeds = given === undefined ? [11, 23, 37, 41] : [Number(given)]

interface Said {
  readonly by: Device
  readonly text: string
  /** The client took it; without that it may have been lost with its process, but never doubled. */
  readonly kept: boolean
}

/** Whatever goes wrong is the client's to say in its own codes; a device that was killed says nothing. */
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

/** Three people, six devices, a group and a direct chat, and everything that can happen to them, at random. */
async function live(world: World, seed: number) {
  const chance = seeded(seed)
  const alice = await world.account('alice', 'phone', 'laptop', 'tablet')
  const bob = await world.account('bob', 'phone', 'web')
  const carol = await world.account('carol', 'phone')
  await alice.phone.say(bob, 'hello')
  const { chat: group } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  const direct = alice.phone.chat(bob)
  const devices = [...alice.devices, ...bob.devices, ...carol.devices]
  const said: Said[] = []
  const pending: Promise<void>[] = []
  const start = (work: Promise<unknown>, then: (done: boolean) => void = () => {}) =>
    void pending.push(attempt(work).then(then))
  const pick = <T>(from: readonly T[]): T => from[chance.int(from.length)] ?? expect.unreachable('there are some')
  const write = (by: Device) => {
    const text = `${by.name} ${said.length}`
    const at = said.push({ by, text, kept: false }) - 1
    const chat = by.name.startsWith('carol') || chance.int(2) === 0 ? group : direct
    start(by.jot(chat, text), (kept) => {
      said[at] = { by, text, kept }
    })
  }
  const happenings: readonly (() => unknown)[] = [
    () => write(pick(devices)),
    () => write(pick(devices)),
    () => write(pick(devices)),
    () => write(pick(devices)),
    () => pick(devices).disconnect(),
    () => pick(devices).connect(),
    () => pick(devices).connect(),
    () => pick(devices).restart(),
    () => world.network.cut(pick(devices).name),
    () => world.network.halfOpen(pick(devices).name),
    () => world.relay.restart(chance.int(2) === 0 ? 'kill' : 'close'),
    () => world.forward(chance.int(40_000)),
    () => world.settle(),
    () => start(alice.phone.client.renameGroup(group, `Walk ${chance.int(100)}`)),
    () => start(alice.laptop.client.setAdmin(group, 'bob', chance.int(2) === 0)),
    () => start(pick(bob.devices).client.markRead(direct)),
  ]
  for (let step = 0; step < steps; step++) await pick(happenings)()
  for (const device of devices) device.connect()
  await world.until(Promise.all(pending))
  await world.settle()
  for (const device of devices) await device.client.sync()
  await world.settle()
  return { said, devices, alice, bob, carol, group, direct }
}

test.each(seeds)(
  'whatever happens, in the end all show the same, each text once, each device in its own order (%i)',
  { timeout: 90_000 },
  async (seed) => {
    await using world = await createWorld({ seed })
    const { said, devices, alice, bob, carol, group, direct } = await live(world, seed)
    for (const device of devices) {
      expect({ name: device.name, ...device.client.status() }).toMatchObject({ outbox: 0, gaps: 0, chatsPending: 0 })
      expect(device.client.chats().filter((chat) => chat.held !== undefined)).toEqual([])
    }
    const inGroup = alice.phone.shows(group)
    const inDirect = alice.phone.shows(direct)
    for (const device of devices)
      expect({ by: device.name, shows: device.shows(group) }).toEqual({ by: device.name, shows: inGroup })
    for (const device of [...alice.devices, ...bob.devices]) expect(device.shows(direct)).toEqual(inDirect)
    expect(carol.phone.client.chats().map((chat) => chat.chat)).not.toContain(direct)
    const everything = [...inGroup, ...inDirect]
    expect(everything.length).toBeGreaterThan(5)
    expect(new Set(everything).size).toBe(everything.length)
    const missing = said.filter(({ text, kept }) => kept && !everything.includes(text))
    expect(missing.map(({ text }) => text)).toEqual([])
    for (const device of devices)
      for (const shown of [inGroup, inDirect]) {
        const own = said.filter(({ by, text }) => by === device && shown.includes(text)).map(({ text }) => text)
        expect(shown.filter((text) => text.startsWith(`${device.name} `))).toEqual(own)
      }
  },
)
