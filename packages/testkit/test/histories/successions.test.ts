import type { Account, World } from '@quintet/testkit'
import type { ChatId } from '@quintet/domain'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

/** The machine may be busy with much else. */
const timeout = 90_000

type Phone = Account<'phone'>

async function walk(world: World) {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  return { alice, bob, carol, chat }
}

/** What a commit that all refuse leaves behind (C12); then somebody writes, and the group goes on in a new one (C13). */
async function goOn(world: World, stopped: readonly Phone[], chat: ChatId, text: string): Promise<ChatId> {
  for (const { phone } of stopped)
    phone.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
  await stopped[0]?.phone.say(chat, text)
  await world.settle()
  return stopped[0]?.phone.chat('Walk') ?? chat
}

async function goOnTwiceWithoutCarol(world: World) {
  const people = await walk(world)
  const { alice, bob, carol, chat } = people
  carol.phone.disconnect()
  const second = await goOn(world, [alice, bob], chat, 'we go on')
  await bob.phone.say(second, 'once')
  await world.settle()
  const third = await goOn(world, [alice, bob], second, 'and on')
  expect(new Set([chat, second, third]).size).toBe(3)
  return people
}

const all = ['we go on', 'once', 'and on']

test('who was away while a group had to go on in a new one twice misses nothing of what was said', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { carol } = await goOnTwiceWithoutCarol(world)
  carol.phone.connect()
  await world.settle()
  expect(carol.phone.shows('Walk')).toEqual(all)
  expect(carol.phone.client.status()).toMatchObject({ gaps: 0, chatsPending: 0 })
})

test('who was away while a group had to go on in a new one twice misses nothing when writing at once either', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { bob, carol, chat } = await goOnTwiceWithoutCarol(world)
  carol.phone.connect()
  await carol.phone.say(chat, 'wait for me')
  await world.settle()
  for (const { phone } of [bob, carol]) expect(phone.shows('Walk')).toEqual([...all, 'wait for me'])
  expect(carol.phone.client.status()).toMatchObject({ gaps: 0, outbox: 0, chatsPending: 0 })
})

test('who could not get into the one of two new groups that nobody uses any more is shown what is missing there', {
  timeout,
}, async () => {
  await using world = await createWorld()
  const { carol } = await goOnTwiceWithoutCarol(world)
  let asked = 0
  world.relay.tamper(({ device, direction, frame: { kind } }) => {
    const answer = device === 'carol.phone' && kind.case === 'response' ? kind.value.result : undefined
    if (direction !== 'to-device' || answer?.case !== 'welcome') return undefined
    asked += 1
    // The newest is asked for first.
    if (asked > 1) answer.value.welcome = answer.value.welcome.slice(0, -1)
    return [{ $typeName: 'quintet.v1.Frame', kind }]
  })
  carol.phone.connect()
  await world.settle()
  expect(asked).toBeGreaterThan(1)
  expect(carol.phone.shows('Walk')).toEqual(['and on'])
  expect(carol.phone.client.status()).toMatchObject({ gaps: 1, chatsPending: 0 })
})
