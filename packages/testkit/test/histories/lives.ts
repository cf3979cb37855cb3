import assert from 'node:assert/strict'
import { createWorld, type Device, seeded, type World } from '@quintet/testkit'
import { attempt } from './attempt.ts'

const steps = 60

interface Said {
  readonly by: Device
  readonly text: string
  /** The client took it; without that it may have been lost with its process, but never doubled. */
  readonly kept: boolean
}

/** Three people, six devices, a group and a direct chat, and everything that can happen to them, at random. */
async function happen(world: World, seed: number) {
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
    void pending.push(attempt(work).then(({ code }) => then(code === undefined)))
  const pick = <T>(from: readonly T[]): T => from[chance.int(from.length)] ?? assert.fail('there are some')
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

/** Whatever happens, in the end all show the same, each text once, each device in its own order. Answers how many texts there were. */
export async function live(seed: number): Promise<{ readonly texts: number; readonly written: number }> {
  await using world = await createWorld({ seed })
  try {
    return await check(world, seed)
  } catch (error) {
    if (error instanceof Error) error.message += `\nlast frames:\n${world.network.trace.join('\n')}`
    throw error
  }
}

async function check(world: World, seed: number) {
  const { said, devices, alice, bob, carol, group, direct } = await happen(world, seed)
  for (const device of devices) {
    const { outbox, gaps, chatsPending } = device.client.status()
    assert.deepEqual(
      { of: device.name, outbox, gaps, chatsPending },
      { of: device.name, outbox: 0, gaps: 0, chatsPending: 0 },
    )
    assert.deepEqual(
      device.client.chats().filter((chat) => chat.held !== undefined),
      [],
    )
  }
  const inGroup = alice.phone.shows(group)
  const inDirect = alice.phone.shows(direct)
  for (const device of devices)
    assert.deepEqual({ by: device.name, shows: device.shows(group) }, { by: device.name, shows: inGroup })
  for (const device of [...alice.devices, ...bob.devices]) assert.deepEqual(device.shows(direct), inDirect)
  assert.ok(carol.phone.client.chats().every((chat) => chat.chat !== direct))
  const everything = [...inGroup, ...inDirect]
  assert.ok(everything.length > 5)
  assert.equal(new Set(everything).size, everything.length, 'each text stands once')
  const missing = said.filter(({ text, kept }) => kept && !everything.includes(text))
  assert.deepEqual(
    missing.map(({ text }) => text),
    [],
    'what was kept is there',
  )
  for (const device of devices)
    for (const shown of [inGroup, inDirect]) {
      const own = said.filter(({ by, text }) => by === device && shown.includes(text)).map(({ text }) => text)
      assert.deepEqual(
        shown.filter((text) => text.startsWith(`${device.name} `)),
        own,
      )
    }
  return { texts: everything.length, written: said.length }
}
