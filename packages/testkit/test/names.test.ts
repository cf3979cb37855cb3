import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

const long = 'ü'.repeat(257)

test.each([
  ['too-large', long],
  ['not-allowed', '  '],
])('a device is refused a name that no device may have (%s), before anything is done', async (code, name) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const { device } = alice.phone.client.self() ?? expect.unreachable('she has signed up')
  await expect(alice.phone.client.renameDevice(device, name)).rejects.toMatchObject({ code })
  const other = world.device('alice', 'laptop')
  const ask = { offer: () => expect.unreachable('nothing is offered'), confirm: async () => true }
  await expect(other.client.link({ kind: 'desktop', name }, ask)).rejects.toMatchObject({ code })
  const again = { handle: 'alice', key: alice.recovery, name }
  await expect(other.client.recover(again)).rejects.toMatchObject({ code })
  const newcomer = { handle: 'bob', deviceName: name }
  await expect(other.client.signUp(newcomer)).rejects.toMatchObject({ code })
  expect(other.client.self()).toBeUndefined()
  expect((await alice.phone.client.devices()).map((one) => one.name)).toEqual(['phone'])
})

test('a person is refused a name that could not go out with what they write', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await expect(alice.phone.client.profile({ name: long })).rejects.toMatchObject({ code: 'too-large' })
  await alice.phone.client.profile({ name: long.slice(1) })
  await alice.phone.say(bob, 'hello')
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello'])
})
