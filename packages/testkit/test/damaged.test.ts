import { seeded } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { conversation, damage } from './lying-log.ts'
import { createWorld } from './world.ts'

test.each([1, 2])('a device whose MLS state is garbled in every %i. row heals', async (every) => {
  await using world = await createWorld()
  const { alice, bob } = await conversation(world)
  damage(alice.laptop, every, seeded(every))
  alice.laptop.restart()
  await world.settle()
  await alice.laptop.client.sync()
  await world.settle()
  await bob.phone.say(alice, 'after')
  await alice.laptop.say(bob, 'I am whole again')
  await world.settle()
  expect(alice.laptop.shows(bob).slice(-2)).toEqual(['after', 'I am whole again'])
  expect(bob.phone.heard().at(-1)).toBe('I am whole again')
})

test('a device that has lost its signature key says that it is damaged', async () => {
  await using world = await createWorld()
  const { alice, bob } = await conversation(world)
  alice.laptop.database.run('delete from mls')
  alice.laptop.restart()
  await world.settle()
  await expect(alice.laptop.say(bob, 'hello?')).rejects.toMatchObject({ code: 'damaged' })
  await bob.phone.say(alice, 'are you there?')
  await world.settle()
  expect(alice.phone.heard()).toContain('are you there?')
})
