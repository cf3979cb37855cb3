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
  const groupsOf = ({ phone }: typeof alice) => phone.client.chats().filter(({ kind }) => kind === 'group')
  expect(groupsOf(bob)).toMatchObject([{ chat, title: 'Walk', with: ['alice'] }])
  expect(groupsOf(alice)).toHaveLength(1)
})
