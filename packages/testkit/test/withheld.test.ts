import { EntryKind } from '@quintet/wire'
import { expect, test } from 'vitest'
import { conversation, heldIn, tellDifferently } from './lying-log.ts'
import { createWorld } from './world.ts'

test('an entry that the relay leaves out is never passed over in silence', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  let withheld: bigint | undefined
  tellDifferently(world, alice.laptop, chat, (entries) =>
    entries.filter((entry) => {
      if (entry.kind === EntryKind.MESSAGE) withheld ??= entry.seq
      return entry.seq !== withheld
    }),
  )
  await bob.phone.say(alice, 'withheld')
  await bob.phone.say(alice, 'after')
  await world.settle()
  await alice.laptop.client.sync()
  await world.settle()
  const { gaps } = alice.laptop.client.status()
  expect({ shown: alice.laptop.heard(chat), told: gaps > 0 || heldIn(alice.laptop, chat) !== undefined }).toEqual({
    shown: ['three'],
    told: true,
  })
})
