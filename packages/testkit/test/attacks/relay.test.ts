import { bytesOf, sameBytes } from '@quintet/domain'
import { pushOf, requestOf, responseOf, type SeenFrame } from '@quintet/testkit'
import type { LogEntry } from '@quintet/wire'
import { expect, test } from 'vitest'
import { conversation, heldIn } from '../lying-log.ts'
import { createWorld } from '../world.ts'
import { evilCommit, handOver, unbound } from './malice.ts'

const toDevice = (seen: SeenFrame, name: string) => seen.direction === 'to-device' && seen.device === name

/** What the relay answers about one account's log. */
function logOf(seen: SeenFrame, account: Uint8Array) {
  const answer = responseOf(seen.frame)
  if (answer?.result.case !== 'logs') return undefined
  return answer.result.value.logs.find((log) => sameBytes(log.account, account))
}

test('a relay that keeps an entry of Bob’s device log from Alice stops her writing to him, and she hears why (D10)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone', 'web')
  await alice.phone.say(bob, 'one')
  await world.settle()
  // His leaf is renewed before his first words (P3): later ones need no commit.
  await bob.phone.say(alice, 'hi')
  await world.settle()
  const chat = alice.phone.chat(bob)
  const stop = world.relay.tamper((seen) => {
    if (!toDevice(seen, 'alice.phone')) return undefined
    if (pushOf(seen.frame)?.kind.case === 'logChanged') return []
    const log = logOf(seen, bytesOf(bob.account))
    if (log === undefined) return undefined
    log.entries = []
    return [{ ...seen.frame }]
  })
  const web = bob.web.client.self()?.device ?? expect.unreachable('it is linked')
  await bob.phone.client.makeMain(web)
  await bob.phone.say(alice, 'two')
  await world.settle()
  await alice.phone.jot(bob, 'to whom?').catch(() => undefined)
  await world.forward(11_000)
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one'])
  expect(heldIn(alice.phone, chat)).toBeDefined()
  stop()
  await alice.phone.client.sync()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['one', 'to whom?'])
})

test('the entry that lost the race for a place in a log, shown to somebody as the log, is found out and told (D11)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const web = await world.link(bob.phone, 'web', { manage: true })
  await alice.phone.say(bob, 'one')
  await world.settle()
  await bob.phone.say(alice, 'hi')
  await world.settle()
  alice.phone.disconnect()
  // The browser's entry is on its way when its connection ends; the phone's stands at its place.
  let loser: LogEntry | undefined
  const stop = world.relay.tamper((seen) => {
    const call = requestOf(seen.frame)?.call
    if (call?.case !== 'appendLog' || seen.device !== 'bob.web') return undefined
    loser ??= call.value.entry
    world.network.disconnect('bob.web')
    return 'cut'
  })
  const browser = web.client.self()?.device ?? expect.unreachable('it is linked')
  const late = web.client.makeMain(browser).catch(() => undefined)
  await world.forward(1_000)
  await bob.phone.client.makeMain(browser)
  stop()
  const lost = loser ?? expect.unreachable('it was sent')
  const lie = world.relay.tamper((seen) => {
    const log = toDevice(seen, 'alice.phone') ? logOf(seen, bytesOf(bob.account)) : undefined
    const known = log?.entries.slice(0, 1) ?? []
    if (log === undefined || log.entries.length < 2) return undefined
    log.entries = [...known, lost]
    return [{ ...seen.frame }]
  })
  alice.phone.connect()
  await world.settle()
  await bob.phone.say(alice, 'two')
  await world.settle()
  expect(alice.phone.heard(bob)).toContain('two')
  expect(
    alice.phone.client
      .notices()
      .map(({ sentence }) => sentence)
      .join(),
  ).toContain('Two different lists')
  // One of the two may be a thief's: nothing is sealed to either.
  await alice.phone.jot(bob, 'to whom?')
  await world.settle()
  expect(bob.phone.heard(alice)).not.toContain('to whom?')
  expect(heldIn(alice.phone, alice.phone.chat(bob))).toContain('Two different lists')
  lie()
  web.connect()
  await world.until(late)
  await world.settle()
})

test('a group that the relay splits in two notices, and nothing goes from one half to the other (R6)', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  for (const { phone } of [alice, bob, carol]) await phone.say(chat, `${phone.name} is here`)
  await world.settle()
  // A commit of Bob's, which Bob and Alice never hear of; Carol goes with it.
  const made = evilCommit(bob.phone, chat, unbound(bob.phone, chat), {})
  handOver(world, carol.phone, bob.phone, chat, made)
  await world.settle()
  const before = carol.phone.shows(chat)
  for (const text of ['one', 'two', 'three']) await alice.phone.say(chat, text)
  await world.settle()
  await carol.phone.client.sync()
  await carol.phone.jot(chat, 'who hears this?').catch(() => undefined)
  await world.settle()
  const told = heldIn(carol.phone, chat) !== undefined || carol.phone.client.status().gaps > 0
  expect({ told, shown: carol.phone.shows(chat).filter((text) => text !== 'who hears this?') }).toEqual({
    told: true,
    shown: before,
  })
  expect(alice.phone.heard(chat)).not.toContain('who hears this?')
  await bob.phone.say(chat, 'we two go on')
  await world.settle()
  expect(alice.phone.heard(chat).at(-1)).toBe('we two go on')
})

test.each([
  ['under her own name', false],
  ['as Bob’s device', true],
])('key packages of somebody else, served %s, let nobody in (K2, C3)', async (_, relabelled) => {
  await using world = await createWorld()
  const { alice: carol } = await conversation(world)
  const alice = await world.account('anna', 'phone')
  const bob = await world.account('ben', 'phone')
  const mallory = await world.account('mallory', 'phone')
  const given: Uint8Array[] = []
  let device = new Uint8Array()
  world.relay.tamper((seen) => {
    const answer = responseOf(seen.frame)
    if (answer?.result.case !== 'keyPackages' || seen.direction !== 'to-device') return undefined
    const [first] = answer.result.value.keyPackages
    if (first === undefined) return undefined
    if (seen.device === 'alice.phone') {
      given.push(first.keyPackage)
      device = new Uint8Array(first.device)
      // Carol's chat does not come about; the relay has what it wanted.
      answer.result.value.keyPackages = []
      return [{ ...seen.frame }]
    }
    if (seen.device !== 'anna.phone') return undefined
    first.keyPackage = given[0] ?? expect.unreachable('Mallory’s was taken before')
    if (!relabelled) first.device = device
    return [{ ...seen.frame }]
  })
  await carol.phone.jot(mallory, 'hi')
  await world.settle()
  const heard = mallory.phone.heard()
  await alice.phone.jot(bob, 'are you there?')
  await world.settle()
  // He comes in by himself (C8), and reads what is said from then on.
  await alice.phone.say(bob, 'only for Ben')
  await world.settle()
  expect(bob.phone.heard()).toContain('only for Ben')
  expect(mallory.phone.heard()).toEqual(heard)
  expect(mallory.phone.client.chats().flatMap((one) => one.with)).not.toContain('anna')
})
