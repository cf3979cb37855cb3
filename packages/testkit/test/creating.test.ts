import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('a group that stands is made, though the connection is lost before the others are told its name', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  world.network.cutOnce(
    ({ device, direction, call }) => device === 'alice.phone' && direction === 'to-relay' && call === 'append',
  )
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  expect(bob.phone.client.chats()).toMatchObject([{ chat, title: 'Walk', with: ['alice'] }])
  expect(alice.phone.client.chats().filter(({ kind }) => kind === 'group')).toHaveLength(1)
})
