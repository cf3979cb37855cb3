import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

// The relay forgets which entries were content as soon as all devices have acknowledged them
// (relay/src/chats/progress.ts, trim), so what lay there before the request was accepted is never told as delivered.
test('what a stranger wrote is delivered once the request is accepted', async () => {
  await using world = await createWorld({ requests: 'wait' })
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'you do not know me')
  await world.settle()
  await bob.phone.client.accept('alice')
  await world.settle()
  expect(alice.phone.tickOf('you do not know me')).toBe('delivered')
})
