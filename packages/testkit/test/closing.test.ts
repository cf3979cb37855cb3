import { ClientError } from '@quintet/client'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('an app that is closed in the middle of whatever it does ends without an error', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  for (let frames = 1; frames <= 23; frames += 2) {
    let left = frames
    let closing: Promise<void> | undefined
    const stop = world.relay.tamper(({ device }) => {
      if (device === 'alice.phone' && --left === 0) closing = alice.phone.close()
      return undefined
    })
    const said = alice.phone.client.send('bob', `alice ${frames}`, { waitMs: 1_000 }).catch((error: unknown) => error)
    await bob.phone.jot(alice, `bob ${frames}`)
    await world.settle()
    stop()
    await closing
    const end = await said
    if (end instanceof Error) expect(end).toBeInstanceOf(ClientError)
    alice.phone.restart()
    await world.settle()
  }
  const shown = bob.phone.shows(alice)
  expect(new Set(shown).size).toBe(shown.length)
  expect(alice.phone.shows(bob)).toEqual(shown)
})
