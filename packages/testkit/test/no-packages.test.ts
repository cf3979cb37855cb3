import { bytesOf, sameBytes } from '@quintet/domain'
import type { World } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/** The relay keeps none of the key packages that this device hands it, or none but those of last resort. */
function keepNone(world: World, name: string, but: 'last-resort' | 'nothing'): void {
  world.relay.tamper(({ device, direction, frame: { kind } }) => {
    const call = kind.case === 'request' && direction === 'to-relay' ? kind.value.call : undefined
    if (device !== name || call?.case !== 'putKeyPackages') return undefined
    call.value.keyPackages = []
    if (but === 'nothing') call.value.lastResort = new Uint8Array()
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
}

test('whose key packages have run out is written to by the last resort, by several people, and reads all of it', async () => {
  await using world = await createWorld()
  keepNone(world, 'bob.phone', 'last-resort')
  const bob = await world.account('bob', 'phone')
  const alice = await world.account('alice', 'phone')
  const carol = await world.account('carol', 'phone')
  bob.phone.disconnect()
  await alice.phone.say(bob, 'from alice')
  await carol.phone.say(bob, 'from carol')
  bob.phone.connect()
  await world.settle()
  expect([...bob.phone.heard()].sort()).toEqual(['from alice', 'from carol'])
  await bob.phone.say(alice, 'hello alice')
  await bob.phone.say(carol, 'hello carol')
  await world.settle()
  expect(alice.phone.heard()).toEqual(['hello alice'])
  expect(carol.phone.heard()).toEqual(['hello carol'])
  expect(bob.phone.client.status()).toMatchObject({ gaps: 0, chatsPending: 0 })
})

test('the first words to somebody of whom the relay has no key package wait until a device of theirs has come in', async () => {
  await using world = await createWorld()
  keepNone(world, 'bob.phone', 'nothing')
  const bob = await world.account('bob', 'phone')
  const alice = await world.account('alice', 'phone')
  bob.phone.disconnect()
  await alice.phone.jot(bob, 'can you read this?')
  await world.settle()
  const [chat] = alice.phone.client.chats().filter((one) => one.kind === 'direct')
  expect(chat?.held).toContain('None of their devices')
  expect(alice.phone.tickOf('can you read this?')).toBe('pending')
  bob.phone.connect()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['can you read this?'])
  expect(alice.phone.client.status().outbox).toBe(0)
  await bob.phone.say(alice, 'yes')
  await world.settle()
  expect(alice.phone.heard()).toEqual(['yes'])
  expect(bob.phone.client.status()).toMatchObject({ gaps: 0, chatsPending: 0 })
})

test.each(['before', 'after'])(
  'what is written while the only device left of somebody is still coming in waits for it (there %s)',
  async (when) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await alice.phone.say(bob, 'one')
    await bob.phone.say(alice, 'two')
    await world.settle()
    const chat = bytesOf(bob.phone.chat(alice))
    const tablet = world.device('bob', 'tablet')
    const stop = world.relay.tamper(({ device, frame: { kind } }) => {
      const call = kind.case === 'request' && device === 'bob.tablet' ? kind.value.call : undefined
      if (call?.case !== 'getGroupInfo' || !sameBytes(call.value.chat, chat)) return undefined
      world.network.disconnect('bob.tablet')
      return 'cut'
    })
    await tablet.client.recover({ handle: 'bob', key: bob.recovery, name: 'tablet' })
    await world.settle()
    stop()
    await bob.phone.client.signOut()
    bob.phone.kill()
    await world.settle()
    // Bob's phone was the last to change the chat, and nobody enters one by the word of a device that is out (C8).
    if (when === 'before') tablet.connect()
    await world.settle()
    await alice.phone.jot(bob, 'is anybody there?')
    await world.settle()
    if (when === 'after') expect(alice.phone.tickOf('is anybody there?')).toBe('pending')
    if (when === 'after') tablet.connect()
    await world.settle()
    expect(tablet.heard(alice)).toEqual(['is anybody there?'])
    await tablet.say(alice, 'yes')
    await world.settle()
    expect(alice.phone.heard()).toEqual(['two', 'yes'])
  },
)
