import type { World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { damage } from '../lying-log.ts'
import { createWorld } from '../world.ts'

const timeout = 90_000

/**
 * The newest epoch of every chat is the laptop's own; it is unlinked by a phone that has lost its keys and cannot enter
 * anew before that, nor after it by what the laptop has left (C8).
 */
async function loseTheLast(world: World, chats: readonly ('self' | 'bob')[]) {
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  for (const chat of chats) await alice.laptop.say(chat, 'milk')
  await world.settle()
  const laptop = alice.laptop.client.self()?.device ?? expect.unreachable()
  alice.laptop.database.run('update chat set update_due = 1')
  for (const chat of chats) await alice.laptop.say(chat, 'bread')
  await world.settle()
  damage(alice.phone, 1, 'lost')
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'alice.phone' && direction === 'to-relay' && call === 'getGroupInfo' ? [] : undefined,
  )
  alice.phone.restart()
  await alice.phone.client.unlink(laptop)
  stop()
  world.network.cut('alice.phone')
  await world.settle()
  return { phone: alice.phone, bob: bob.phone }
}

test('the last device of an account, whose keys were lost, goes on in another self chat', { timeout }, async () => {
  await using world = await createWorld()
  const { phone } = await loseTheLast(world, ['self'])
  await phone.say('self', 'butter')
  await world.settle()
  expect(phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
  expect(phone.shows('self')).toEqual(['milk', 'bread', 'butter'])
})

test('it goes on with a person who has nothing to say at the moment, and with whom it shows one conversation', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { phone, bob } = await loseTheLast(world, ['bob'])
  await phone.say('bob', 'butter')
  await world.settle()
  await bob.say('alice', 'got it')
  await world.settle()
  expect(bob.shows('alice')).toEqual(['milk', 'bread', 'butter', 'got it'])
  expect(phone.shows('bob')).toEqual(['milk', 'bread', 'butter', 'got it'])
  expect(phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
})
