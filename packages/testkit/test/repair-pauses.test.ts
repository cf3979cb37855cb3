import { bytesOf, sameBytes } from '@quintet/domain'
import { expect, test } from 'vitest'
import { conversation } from './lying-log.ts'
import { createWorld } from './world.ts'

test('a relay that makes a device believe it missed commits, again and again, does not have it commit without end', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  let commits = 0
  const stop = world.relay.tamper(({ device, direction, frame: { kind } }) => {
    if (device !== 'alice.laptop') return undefined
    const call = kind.case === 'request' && direction === 'to-relay' ? kind.value.call : undefined
    if (call?.case === 'commit' && sameBytes(call.value.chat, bytesOf(chat))) commits += 1
    const push = kind.case === 'push' ? kind.value.kind : undefined
    if (push?.case !== 'entry' || push.value.entry === undefined) return undefined
    if (!sameBytes(push.value.chat, bytesOf(chat))) return undefined
    push.value.entry.epoch += 7n
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  for (let at = 1; at <= 12; at++) {
    await bob.phone.say(chat, `number ${at}`)
    await world.settle()
  }
  expect(commits).toBeGreaterThan(1)
  expect(commits).toBeLessThan(5)
  stop()
  await world.forward(2 * 60 * 60 * 1000)
  await alice.laptop.client.sync()
  await bob.phone.say(chat, 'can you hear me?')
  await world.settle()
  expect(alice.laptop.heard(chat)).toContain('can you hear me?')
  // What was said meanwhile is missing, and shown so.
  expect(alice.laptop.client.status()).toMatchObject({ chatsPending: 0 })
  expect(alice.laptop.client.status().gaps).toBeGreaterThan(0)
  await alice.laptop.say(chat, 'now I can')
  await world.settle()
  expect(bob.phone.heard(chat)).toContain('now I can')
})

test('nor does one that says that chats stand in later epochs than they do', async () => {
  await using world = await createWorld()
  const { alice, bob, chat } = await conversation(world)
  let commits = 0
  const stop = world.relay.tamper(({ device, direction, frame: { kind } }) => {
    if (device !== 'alice.laptop') return undefined
    const call = kind.case === 'request' && direction === 'to-relay' ? kind.value.call : undefined
    if (call?.case === 'commit' && sameBytes(call.value.chat, bytesOf(chat))) commits += 1
    const result = kind.case === 'response' ? kind.value.result : undefined
    if (result?.case !== 'sync') return undefined
    for (const state of result.value.chats) state.epoch += 7n
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  for (let at = 1; at <= 12; at++) {
    await alice.laptop.client.sync()
    await world.settle()
  }
  expect(commits).toBeGreaterThan(1)
  expect(commits).toBeLessThan(5)
  stop()
  await world.forward(2 * 60 * 60 * 1000)
  await alice.laptop.client.sync()
  await bob.phone.say(chat, 'can you hear me?')
  await world.settle()
  expect(alice.laptop.heard(chat)).toContain('can you hear me?')
})
