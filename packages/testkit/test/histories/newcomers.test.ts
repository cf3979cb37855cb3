import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

test('who is let in learns what the group is called though whoever let them in was put out before saying it', {
  timeout: 90_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const dave = await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await alice.phone.client.setAdmin(chat, 'bob', true)
  await world.settle()
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'bob.phone' && direction === 'to-relay' && call === 'append' ? 'cut' : undefined,
  )
  const added = bob.phone.client.addToGroup(chat, ['dave'])
  await world.until(added)
  bob.phone.disconnect()
  await world.settle()
  stop()
  const isIn = () => dave.phone.client.chats().find((one) => one.chat === chat)
  expect(isIn()?.title).toBe('alice, bob')
  await alice.phone.client.removeFromGroup(chat, 'bob')
  await world.settle()
  expect(isIn()).toMatchObject({ title: 'Walk', with: ['alice'] })
})
