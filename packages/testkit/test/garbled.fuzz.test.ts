import { ClientError } from '@quintet/client'
import { type Device, seeded, type World, WorldError } from '@quintet/testkit'
import { type Frame, FrameSchema, fromBinary, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { changeField } from '../../../scripts/fuzz/protobuf.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { createWorld } from './world.ts'

/** One field somewhere in a frame is another one; `cut` where nothing that is a frame comes of it. */
function spoilt(frame: Frame, draw: () => number): readonly Frame[] | 'cut' {
  const change = { kind: draw(), where: draw(), what: draw(), depth: draw() % 7 }
  try {
    return [fromBinary(FrameSchema, changeField(toBinary(FrameSchema, frame), change))]
  } catch {
    return 'cut'
  }
}

/** From now on the relay spoils a third of what it sends to that device. */
function lieTo(world: World, device: Device, outcomes: Outcomes, seed: number): () => void {
  const chance = seeded(seed)
  return world.relay.tamper(({ direction, frame, device: name, call }) => {
    if (direction !== 'to-device' || name !== device.name || chance.int(3) > 0) return undefined
    const given = spoilt(frame, () => chance.int(2 ** 31))
    outcomes.note(`${given === 'cut' ? 'cut' : 'spoilt'} ${call ?? frame.kind.case}`)
    return given
  })
}

/** What a person does; only failures that a person can act on come of it. */
async function doing(outcomes: Outcomes, what: () => Promise<unknown>): Promise<void> {
  try {
    await what()
    outcomes.note('done')
  } catch (error) {
    if (error instanceof ClientError) outcomes.note(error.code)
    else if (error instanceof WorldError) outcomes.note('no rest')
    else throw error
  }
}

async function lied(seed: number, outcomes: Outcomes): Promise<void> {
  await using world = await createWorld({ seed, keyPackageStock: 4 })
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'before')
  await world.settle()
  const { chat } = await bob.phone.client.createGroup('Walk', ['alice'])
  await world.settle()
  const stop = lieTo(world, alice.phone, outcomes, seed)
  const chance = seeded(seed).fork('people')
  for (let step = 0; step < 10; step++) {
    const what = [
      () => alice.phone.client.sync(),
      () => alice.phone.client.send(chat, `mine ${step}`, { waitMs: 3000 }),
      () => bob.phone.client.send(chat, `theirs ${step}`, { waitMs: 3000 }),
      () => bob.phone.client.renameGroup(chat, `Walk ${step}`),
      () => alice.phone.client.verify('bob'),
      async () => alice.phone.restart(),
      () => alice.laptop.client.send('self', `noted ${step}`, { waitMs: 3000 }),
    ][chance.int(7)]
    if (what !== undefined) await doing(outcomes, what)
    await world.forward(20_000)
  }
  stop()
  // Whatever it was told, it can be asked, started and synced, and the others were never harmed.
  alice.phone.restart()
  await world.forward(120_000)
  await doing(outcomes, () => alice.phone.client.sync())
  for (const one of alice.phone.client.chats()) alice.phone.client.messages(one.chat, 500)
  alice.phone.client.notices()
  alice.phone.client.status()
  await bob.phone.say(chat, 'afterwards')
  await world.forward(60_000)
  expect(alice.laptop.heard(chat)).toContain('afterwards')
  const told = alice.phone.client.notices().length + alice.phone.client.status().gaps
  const heard =
    alice.phone.client.chats().some((one) => one.chat === chat) && alice.phone.heard(chat).includes('afterwards')
  outcomes.note(heard ? 'heard' : 'told why')
  if (!heard) expect(told).toBeGreaterThan(0)
}

test('a relay that spoils what it sends to a device gets failures that a person can act on, and harms nobody else', {
  timeout: 600_000,
}, async () => {
  const { seed, numRuns } = runs(6)
  const outcomes = new Outcomes()
  for (let at = 0; at < numRuns; at++) await lied(seed + at, outcomes)
  expect(outcomes.names.filter((name) => name.startsWith('spoilt')).length).toBeGreaterThan(8)
  expect(outcomes.count('done')).toBeGreaterThan(10)
})
