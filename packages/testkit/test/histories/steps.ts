import assert from 'node:assert/strict'
import type { ChatId } from '@quintet/domain'
import { type Device, type Person, type Seeded, seeded } from '@quintet/testkit'
import { damage } from '../lying-log.ts'
import { attempt } from './attempt.ts'
import { handleOf, type Stage } from './stage.ts'

type Deed = (stage: Stage, chance: Seeded) => Promise<void>

const mostDevices = 3

async function one(stage: Stage, work: Promise<unknown>, what: string): Promise<boolean> {
  const { code } = await attempt(work)
  stage.count(code === undefined ? what : `${what}: ${code}`)
  return code === undefined
}

function outsiders(stage: Stage): readonly Person[] {
  return stage.people.filter(({ handle }) => !stage.inside.has(handle))
}

/** People other than these in the group, without whom it still has an admin. */
function removable(stage: Stage, by: Device): readonly Person[] {
  return stage.people.filter(({ handle }) => stage.inside.has(handle) && handle !== handleOf(by) && handle !== 'alice')
}

async function add(stage: Stage, chance: Seeded, howMany: number): Promise<void> {
  const by = stage.pick(stage.admins, chance)
  const who = outsiders(stage).slice(0, howMany)
  if (by === undefined || who.length === 0) return
  const handles = who.map(({ handle }) => handle)
  if (await one(stage, by.client.addToGroup(stage.groupOn(by), handles), 'added'))
    for (const each of handles) stage.inside.add(each)
}

function putOut(stage: Stage, person: Person): void {
  stage.inside.delete(person.handle)
  for (const device of person.devices) stage.out.add(device)
}

async function remove(stage: Stage, chance: Seeded): Promise<void> {
  const by = stage.pick(stage.admins, chance)
  const person = by && stage.pick(removable(stage, by), chance)
  if (by === undefined || person === undefined) return
  const kept = stage.hoard(stage.devicesOf(person))
  if (await one(stage, by.client.removeFromGroup(stage.groupOn(by), person.handle), 'removed')) putOut(stage, person)
  else stage.forget(kept)
}

/** The next commit of this device renews its leaf before it says anything (P2). */
function letUpdate(device: Device): void {
  device.database.run("update chat set update_due = 1 where state = 'active'")
}

async function link(stage: Stage, chance: Seeded, meanwhile: (by: Device) => readonly Promise<void>[]): Promise<void> {
  const able = stage.people.filter((person) => {
    const first = person.devices[0]
    return first !== undefined && stage.isHere(first) && stage.devicesOf(person).length < mostDevices
  })
  const person = stage.pick(able, chance)
  const by = person?.devices[0]
  if (by === undefined) return
  const linking = attempt(stage.world.link(by, stage.newName()))
  await Promise.all([linking, ...meanwhile(by)])
  const { why } = await linking
  if (why !== undefined) throw why
  stage.count('linked')
}

/** Devices that may be unlinked: all but the first of each person, which approves and unlinks. */
async function unlink(stage: Stage, chance: Seeded, howMany: number): Promise<void> {
  const linked = stage.people.flatMap((person) => {
    const [first, ...others] = stage.devicesOf(person)
    return first && first === person.devices[0] && stage.isHere(first)
      ? others.map((device) => ({ first, device }))
      : []
  })
  const chosen = stage.pick(linked, chance)
  if (chosen === undefined) return
  const gone = linked.filter(({ first }) => first === chosen.first).slice(0, howMany)
  stage.hoard(
    gone.map(({ device }) => device),
    [stage.group],
  )
  const named = gone.map(({ device }) => device.client.self()?.device)
  for (const { device } of gone) stage.unlinked.add(device)
  const done = await Promise.all(
    named.map((device) => attempt(chosen.first.client.unlink(device ?? assert.fail('it is linked')))),
  )
  for (const { why } of done) if (why !== undefined) throw why
  stage.count('unlinked', gone.length)
}

/** What a commit that all refuse leaves behind (C12). */
function stop(device: Device, chat: ChatId): void {
  device.database.run("update chat set state = 'blocked', held = 'refused' where chat = ? and state = 'active'", chat)
}

/** Everything that can happen in one step; the first is nothing, which is what a history that breaks shrinks to. */
const deeds = {
  nothing: async () => {},
  async talk(stage, chance) {
    const by = stage.pick(stage.members, chance)
    if (by) await stage.say(by)
  },
  async 'all talk'(stage, chance) {
    const some = stage.members.filter(() => chance.int(2) === 0)
    await Promise.all(some.map((by) => stage.say(by)))
  },
  async note(stage, chance) {
    const by = stage.pick(stage.members, chance)
    if (by) await stage.say(by, 'self')
  },
  'add one': (stage, chance) => add(stage, chance, 1),
  'add two': (stage, chance) => add(stage, chance, 2),
  remove,
  async update(stage, chance) {
    const by = stage.pick(stage.members, chance)
    if (by === undefined) return
    letUpdate(by)
    await stage.say(by)
    stage.count('updated')
  },
  async race(stage, chance) {
    const some = stage.members.filter(() => chance.int(2) === 0)
    for (const by of some) letUpdate(by)
    await Promise.all(some.map((by) => stage.say(by)))
    stage.count('raced')
  },
  async swap(stage, chance) {
    await Promise.all([add(stage, chance, 1), remove(stage, chance), deeds.talk(stage, chance)])
  },
  async admin(stage, chance) {
    const by = stage.pick(stage.admins, chance)
    const person = by && stage.pick(removable(stage, by), chance)
    if (by && person)
      await one(stage, by.client.setAdmin(stage.groupOn(by), person.handle, chance.int(3) > 0), 'admin changed')
  },
  async leave(stage, chance) {
    const by = stage.pick(
      stage.members.filter((device) => handleOf(device) !== 'alice'),
      chance,
    )
    if (by === undefined) return
    const person = stage.personOf(by)
    // Whoever has left comes back by a Welcome alone: not with keys of which some are lost.
    if (person.devices.some((device) => stage.hurt.has(device))) return
    const kept = stage.hoard(stage.devicesOf(person))
    if (await one(stage, by.client.leaveGroup(stage.groupOn(by)), 'left')) putOut(stage, person)
    else stage.forget(kept)
  },
  link: (stage, chance) => link(stage, chance, () => []),
  'link in a race': (stage, chance) =>
    link(stage, chance, (by) => {
      const others = stage.members.filter((device) => device === by || chance.int(3) === 0)
      for (const device of others) letUpdate(device)
      return others.map((device) => stage.say(device))
    }),
  unlink: (stage, chance) => unlink(stage, chance, 1),
  'unlink two': (stage, chance) => unlink(stage, chance, 2),
  async damage(stage, chance) {
    const device = stage.pick(stage.members, chance)
    if (device === undefined) return
    stage.hurt.add(device)
    device.kill()
    device.restart()
    damage(device, 1 + chance.int(3), chance.int(2) === 0 ? chance : 'lost')
    device.restart()
    const other = stage.pick(
      stage.members.filter((each) => each !== device),
      chance,
    )
    if (other) await stage.say(other)
    stage.count('damaged')
  },
  async 'back in time'(stage, chance) {
    const device = stage.pick(stage.members, chance)
    if (device === undefined) return
    stage.hurt.add(device)
    const before = device.copy()
    await Promise.all([stage.say(device), deeds.talk(stage, chance)])
    if (chance.int(2) === 0) await stage.rest()
    device.restart({ from: before })
    stage.count('went back')
  },
  async away(stage, chance) {
    const device = stage.pick(
      stage.members.filter((each) => each.name !== 'alice.phone'),
      chance,
    )
    if (device === undefined) return
    device.disconnect()
    stage.away.set(device, 1 + chance.int(6))
    if (chance.int(2) === 0) await stage.jot(device)
    stage.count('went away')
  },
  async restart(stage, chance) {
    stage.pick(stage.devices, chance)?.restart()
    stage.count('restarted')
  },
  async crash(stage, chance) {
    const device = stage.pick(stage.members, chance)
    if (device === undefined) return
    device.crashAfter(1 + chance.int(6))
    if (chance.int(2) === 0) letUpdate(device)
    const other = stage.pick(stage.members, chance)
    await Promise.all([stage.say(device), ...(other && other !== device ? [stage.say(other)] : [])])
    device.restart()
    stage.count('crashed')
  },
  async successor(stage, chance) {
    const by = stage.pick(stage.admins, chance)
    if (by === undefined) return
    const group = stage.group
    // Such a commit stands last: whoever has just come back reads what came before it.
    await stage.world.settle()
    for (const device of stage.members) stop(device, group)
    const other = stage.pick(stage.members, chance)
    const how = chance.int(4)
    if (how === 1) by.crashAfter(1 + chance.int(6))
    if (how === 2 && other !== undefined && other !== by) {
      stage.hurt.add(other)
      damage(other, 1 + chance.int(3), chance.int(2) === 0 ? chance : 'lost')
      other.restart()
    }
    await Promise.all([stage.say(by), ...(how === 3 ? stage.admins.map((each) => stage.say(each)) : [])])
    if (!by.isRunning) by.restart()
    await stage.rest()
    await attempt(by.client.sync())
    stage.count('succeeded')
  },
  async 'write to each other'(stage, chance) {
    const all = stage.devices.filter((device) => stage.isHere(device))
    const first = stage.pick(all, chance)
    const second = stage.pick(
      all.filter((device) => first && handleOf(device) !== handleOf(first)),
      chance,
    )
    if (first === undefined || second === undefined) return
    const dies = chance.int(3) === 0 ? first : undefined
    dies?.crashAfter(1 + chance.int(8))
    await Promise.all([stage.say(first, handleOf(second)), stage.say(second, handleOf(first))])
    dies?.restart()
    stage.count('wrote to each other')
  },
  async 'restart the relay'(stage, chance) {
    const by = stage.pick(stage.members, chance)
    await Promise.all([stage.world.relay.restart(), ...(by ? [stage.say(by)] : [])])
    stage.count('relay restarted')
  },
} as const satisfies Readonly<Record<string, Deed>>

export type DeedName = keyof typeof deeds

export function doStep(stage: Stage, name: DeedName, seed: number): Promise<void> {
  return deeds[name](stage, seeded(seed))
}
