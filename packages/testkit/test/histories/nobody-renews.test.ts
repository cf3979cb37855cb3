import type { World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { damage } from '../lying-log.ts'
import { createWorld } from '../world.ts'

const timeout = 90_000

/** The newest epoch of every chat is the laptop's own; the phone has lost its keys and does not know it yet. */
async function loseTheLast(world: World, chats: readonly ('self' | 'bob')[]) {
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  for (const chat of chats) await alice.laptop.say(chat, 'milk')
  await world.settle()
  const laptop = alice.laptop.client.self()?.device ?? expect.unreachable()
  alice.laptop.database.run('update chat set update_due = 1')
  for (const chat of chats) await alice.laptop.say(chat, 'bread')
  // What was looked at once is not read again where nothing happens.
  alice.phone.restart()
  await world.settle()
  damage(alice.phone, 1, 'lost')
  alice.phone.restart()
  return { phone: alice.phone, bob: bob.phone, laptop }
}

/** It unlinks the laptop and cannot enter anew before that; nor can it after that, by what the laptop has left (C8). */
async function unlinkTheLast(world: World, chats: readonly ('self' | 'bob')[]) {
  const { phone, bob, laptop } = await loseTheLast(world, chats)
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'alice.phone' && direction === 'to-relay' && call === 'getGroupInfo' ? [] : undefined,
  )
  await phone.client.unlink(laptop)
  stop()
  world.network.cut('alice.phone')
  await world.settle()
  return { phone, bob }
}

test('the last device of an account, whose keys were lost, goes on in another self chat', { timeout }, async () => {
  await using world = await createWorld()
  const { phone } = await unlinkTheLast(world, ['self'])
  await phone.say('self', 'butter')
  await world.settle()
  expect(phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
  expect(phone.shows('self')).toEqual(['milk', 'bread', 'butter'])
})

test('it goes on with a person who has nothing to say at the moment, and with whom it shows one conversation', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { phone, bob } = await unlinkTheLast(world, ['bob'])
  await phone.say('bob', 'butter')
  await world.settle()
  await bob.say('alice', 'got it')
  await world.settle()
  expect(bob.shows('alice')).toEqual(['milk', 'bread', 'butter', 'got it'])
  expect(phone.shows('bob')).toEqual(['milk', 'bread', 'butter', 'got it'])
  expect(phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
})

test('it goes on at once where the loss is found by unlinking alone', { timeout }, async () => {
  await using world = await createWorld()
  const { phone, bob, laptop } = await loseTheLast(world, ['bob'])
  await world.settle()
  await phone.client.unlink(laptop)
  await world.settle()
  for (const device of [phone, bob]) {
    const [chat] = device.client.chats().filter(({ kind }) => kind === 'direct')
    expect(chat?.held).toBeUndefined()
  }
  await bob.say('alice', 'cheese?')
  await world.settle()
  expect(phone.shows('bob')).toEqual(['milk', 'bread', 'cheese?'])
})
