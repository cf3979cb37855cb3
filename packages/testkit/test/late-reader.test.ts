/** What somebody wrote before their device or account ended reaches whoever comes only afterwards. */
import { expect, test } from 'vitest'
import type { Device } from '@quintet/testkit'
import { createWorld } from './world.ts'

async function unlink(by: Device, name: string): Promise<void> {
  const device = (await by.client.devices()).find((one) => one.name === name)
  await by.client.unlink(device?.device ?? expect.unreachable('it is listed'))
}

test.each([
  ['a first message', false],
  ['a message', true],
])('%s from a phone that was unlinked before it was fetched is read', async (_, known) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'tablet')
  const bob = await world.account('bob', 'phone')
  if (known) await bob.phone.say(alice, 'hi')
  await world.settle()
  bob.phone.disconnect()
  await alice.phone.say(bob, 'from my phone')
  await world.settle()
  await alice.phone.client.setRights(alice.tablet.client.self()?.device ?? expect.unreachable(), 'manage')
  await unlink(alice.tablet, 'phone')
  await alice.tablet.say(bob, 'the phone is lost')
  await world.settle()
  bob.phone.connect()
  await world.settle()
  expect(bob.phone.heard(alice)).toEqual(['from my phone', 'the phone is lost'])
  await bob.phone.say(alice, 'I see')
  await world.settle()
  expect(alice.tablet.heard(bob)).toContain('I see')
})

test.each([
  ['a first message', false],
  ['a message', true],
])('%s of an account that was deleted before it was fetched is read', async (_, known) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  if (known) await bob.phone.say(alice, 'hi')
  await world.settle()
  bob.phone.disconnect()
  const { chat } = await alice.phone.say(bob, 'farewell')
  await world.settle()
  await alice.phone.client.deleteAccount()
  await world.settle()
  bob.phone.connect()
  await world.settle()
  expect(bob.phone.client.messages(chat, 50).map((one) => one.text)).toContain('farewell')
  await expect(bob.phone.client.send(chat, 'too late')).rejects.toMatchObject({ code: 'account-closed' })
})
