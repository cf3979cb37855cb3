import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { parseChatBytes } from '@quintet/domain'
import type { World } from '@quintet/testkit'
import { createWorld } from '../world.ts'
import { commitsUnderway, type Heard, Hoard } from './hoard.ts'

/** The machine may be busy with much else. */
const timeout = 90_000

/** Bob has not written yet, and so begins with a commit of his own (P3). */
async function walk(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await carol.phone.say(chat, 'hello')
  await world.settle()
  const heard: Heard[] = []
  const listen = () =>
    world.relay.tamper(({ direction, frame: { kind } }) => {
      const call = direction === 'to-relay' && kind.case === 'request' ? kind.value.call : undefined
      if (call?.case !== 'append' && call?.case !== 'commit') return undefined
      const isCommit = call.case === 'commit'
      const bytes = isCommit ? call.value.upload?.commit : call.value.message
      if (bytes && parseChatBytes(call.value.chat) === chat)
        heard.push({ chat, kind: isCommit ? 'commit' : 'message', bytes, atMs: world.now() })
      return undefined
    })
  return { alice, bob, carol, chat, heard, listen }
}

test('who left while somebody had no network reads nothing that comes after a change which that one had made before', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat, heard, listen } = await walk(world)
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'bob.phone' && direction === 'to-relay' && call === 'commit' ? 'cut' : undefined,
  )
  await bob.phone.jot(chat, 'without a network')
  bob.phone.disconnect()
  stop()
  const hoard = new Hoard(carol.phone, chat)
  await carol.phone.client.leaveGroup(chat)
  await world.settle()
  const underway = commitsUnderway([alice.phone, bob.phone])
  expect(underway.size).toBe(1)
  hoard.shut(underway)
  listen()
  bob.phone.connect()
  await world.settle()
  await alice.phone.say(chat, 'among ourselves')
  const [first, second, ...others] = heard.map(({ kind }) => kind)
  expect([first, second, ...new Set(others)]).toEqual(['commit', 'commit', 'message'])
  expect(hoard.try(heard)).toBe(others.length)
  expect(alice.phone.shows(chat)).toEqual(['hello', 'without a network', 'among ourselves'])
})

test('who comes back to the network and writes at once seals nothing for those who were put out meanwhile', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat, heard, listen } = await walk(world)
  await bob.phone.say(chat, 'hello')
  await world.settle()
  bob.phone.disconnect()
  const hoard = new Hoard(carol.phone, chat)
  await alice.phone.client.removeFromGroup(chat, 'carol')
  await world.settle()
  hoard.shut(commitsUnderway([alice.phone, bob.phone]))
  listen()
  bob.phone.connect()
  await bob.phone.say(chat, 'among ourselves')
  await world.settle()
  expect(hoard.try(heard)).toBe(1)
  expect(alice.phone.shows(chat).at(-1)).toBe('among ourselves')
})

test('who left on a device that they unlink at once stays away, and reads nothing that is said then', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { alice, carol, chat, heard, listen } = await walk(world)
  const laptop = await world.link(carol.phone, 'laptop')
  await world.settle()
  const hoard = new Hoard(carol.phone, chat)
  await laptop.client.leaveGroup(chat)
  await world.settle()
  await carol.phone.client.unlink(laptop.client.self()?.device ?? assert.fail('it is linked'))
  await world.settle()
  hoard.shut(commitsUnderway([alice.phone]))
  listen()
  await alice.phone.say(chat, 'among ourselves')
  await world.settle()
  expect(hoard.try(heard)).toBe(heard.filter(({ kind }) => kind === 'message').length)
  expect(alice.phone.client.chats().find((one) => one.chat === chat)?.with).toEqual(['bob'])
})

test('a change made after somebody was out that does not take them out is noticed', { timeout }, async () => {
  await using world = await createWorld()
  const { alice, bob, carol, chat, heard, listen } = await walk(world)
  const hoard = new Hoard(carol.phone, chat)
  hoard.shut(commitsUnderway([alice.phone, bob.phone]))
  listen()
  await bob.phone.say(chat, 'is she gone?')
  expect(() => hoard.try(heard)).toThrow('followed a commit that came later')
})
