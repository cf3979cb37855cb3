import { type Account, createWorld, type SavedWorld, type World } from '@quintet/testkit'
import type { Scene } from './scene.ts'

const seed = 4747
const saved = new Map<Scene['from'], Promise<SavedWorld>>()

/** The world that scenes begin in: made once in a process, and gone on from by each. */
export function settingOf(name: Scene['from']): Promise<SavedWorld> {
  const known = saved.get(name)
  if (known !== undefined) return known
  const made = name === 'strangers' ? strangers() : friends()
  saved.set(name, made)
  return made
}

async function strangers(): Promise<SavedWorld> {
  await using world = await createWorld({ seed })
  await people(world)
  return await world.save()
}

interface People {
  readonly alice: Account<'phone'>
  readonly bob: Account<'phone' | 'web'>
}

async function people(world: World): Promise<People> {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'web')
  await world.account('carol', 'phone')
  return { alice, bob }
}

async function friends(): Promise<SavedWorld> {
  await using world = await createWorld({ seed })
  const { alice, bob } = await people(world)
  const laptop = await world.link(alice.phone, 'laptop')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  await bob.web.say(alice, 'hi')
  await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  await bob.phone.say(bob.phone.chat('Walk'), 'where to?')
  await laptop.say(laptop.chat('Walk'), 'up the hill')
  // What stands for the kit at the relay is renewed once an hour at most (H8).
  await world.forward(61 * 60_000)
  await alice.phone.client.sync()
  return await world.save()
}
