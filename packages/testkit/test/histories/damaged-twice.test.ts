import { expect, test } from 'vitest'
import type { Device } from '@quintet/testkit'
import { createWorld } from '../world.ts'

/** `Kind` in crates/mls/src/store.rs. */
const epochKeyPairs = 10

/** Loses the keys that others' commits are opened with, and nothing else. */
function loseKeys(device: Device): void {
  device.kill()
  device.restart()
  for (const { key } of device.database.all('select key from mls'))
    if (key instanceof Uint8Array && key[0] === epochKeyPairs) device.database.run('delete from mls where key = ?', key)
  device.restart()
}

test('a device that loses its keys twice within an hour is in again at once both times', {
  timeout: 60_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  for (const newcomer of ['carol', 'dave']) {
    await world.account(newcomer, 'phone')
    await world.settle()
    loseKeys(bob.phone)
    await alice.phone.client.addToGroup(chat, [newcomer])
    await world.settle()
    await alice.phone.say(chat, `welcome ${newcomer}`)
    await world.settle()
    await bob.phone.say(chat, `hello ${newcomer}`)
    await world.settle()
  }
  expect(bob.phone.client.chats().find((one) => one.chat === chat)?.held).toBeUndefined()
  const said = ['welcome carol', 'hello carol', 'welcome dave', 'hello dave']
  for (const { phone } of [alice, bob]) expect(phone.shows(chat)).toEqual(said)
  const faults = bob.phone.database.all("select cast(detail as text) as why from fault where kind = 'state-lost'")
  expect(faults.map(({ why }) => why)).toEqual(['damaged'])
})
