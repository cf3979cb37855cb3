import { bytesOf, type ChatId } from '@quintet/domain'
import type { LogEntry, Response } from '@quintet/wire'
import { expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'
import {
  chatIdOf,
  expectAnswer,
  outcome,
  policyFor,
  type TestAccount,
  type TestDevice,
  type TestWorld,
} from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** Gives the relay an entry of an account's log, whoever it is that comes with it. */
function bring(device: TestDevice, of: TestAccount, entry: LogEntry): Promise<Response['result']> {
  return device.ask({ case: 'appendLog', value: { account: of.bytes, entry } })
}

async function headOf(device: TestDevice, of: TestAccount): Promise<number> {
  const value = { accounts: [{ account: of.bytes, fromPosition: 0n }] }
  const { logs } = expectAnswer(await device.ask({ case: 'logs', value }), 'logs')
  return (logs[0]?.entries.length ?? 0) - 1
}

/** The same device, on a relay that came back from a backup. */
async function again(world: TestWorld, device: TestDevice): Promise<TestDevice> {
  const back = await world.device(device.account, device.keys)
  expect(outcome(await back.signIn())).toBe('done')
  return back
}

async function beforeAndAfter() {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const backup = store.copy()
  const laptop = alice.account.newKeys()
  const adds = { kind: 'add', identity: laptop.identity, manageClaim: false } as const
  const entry = await alice.account.entry(adds, world.clock.now(), alice.keys, laptop)
  expect(outcome(await bring(alice, alice.account, entry))).toBe('done')
  alice.account.adopt(entry)
  world.clock.pass(5 * dayMs)
  return { world, backup, alice, bob, laptop, entry }
}

test('another account brings the end of a log that a restore lost, days old as it is; the device in it is let in', async () => {
  const { world, backup, alice, bob, laptop, entry } = await beforeAndAfter()
  const after = await world.restored(backup)
  const late = await after.device(alice.account, laptop)
  expect(outcome(await late.signIn())).toBe('UNAUTHENTICATED')
  const helper = await again(after, bob)
  expect(outcome(await bring(helper, alice.account, entry))).toBe('done')
  expect(outcome(await bring(helper, alice.account, entry))).toBe('done')
  expect(await headOf(helper, alice.account)).toBe(1)
  const statement = await alice.account.statement(laptop, 3n)
  expect(outcome(await helper.ask({ case: 'putStatement', value: { statement } }))).toBe('done')
  expect(outcome(await (await after.device(alice.account, laptop)).signIn())).toBe('done')
})

test('a relay that was not restored, or long ago, takes nothing of another account, and nothing old', async () => {
  const { world, backup, alice, bob, entry } = await beforeAndAfter()
  const change = { kind: 'make-main', device: alice.keys.device } as const
  const next = await alice.account.entry(change, world.clock.now() - 2 * hourMs)
  expect(outcome(await bring(bob, alice.account, next))).toBe('UNAUTHENTICATED')
  expect(expectAnswer(await bring(alice, alice.account, next), 'failure').fault).toBe('clock')
  const statement = await alice.account.statement(alice.keys, 9n)
  expect(outcome(await bob.ask({ case: 'putStatement', value: { statement } }))).toBe('MALFORMED')
  const after = await world.restored(backup)
  const helper = await again(after, bob)
  after.clock.pass(31 * dayMs)
  expect(outcome(await bring(helper, alice.account, entry))).toBe('UNAUTHENTICATED')
})

test('nothing made after the restore passes as lost, nor does anything that does not continue the log', async () => {
  const { world, backup, alice, bob, entry } = await beforeAndAfter()
  const after = await world.restored(backup)
  const helper = await again(after, bob)
  after.clock.pass(3 * hourMs)
  const change = { kind: 'make-main', device: alice.keys.device } as const
  const fresh = await alice.account.entry(change, after.clock.now())
  expect(outcome(await bring(helper, alice.account, fresh))).toBe('UNAUTHENTICATED')
  const old = await alice.account.entry(change, after.clock.now() - dayMs)
  expect(expectAnswer(await bring(helper, alice.account, old), 'failure').fault).toBe('wrong-position')
  const forged = { ...entry, signature: new Uint8Array(64) }
  expect(expectAnswer(await bring(helper, alice.account, forged), 'failure').fault).toBe('bad-signature')
  const nobody = await after.device(bob.account)
  expect(outcome(await bring(nobody, alice.account, entry))).toBe('UNAUTHENTICATED')
})

test('more changes than a day may have come back at once, as many as were made', async () => {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const alice = await world.person('alice')
  const backup = store.copy()
  const made: LogEntry[] = []
  for (let n = 0; n < 30; n++) {
    world.clock.pass(hourMs * 2)
    const entry = await alice.account.entry({ kind: 'make-main', device: alice.keys.device }, world.clock.now())
    expect(outcome(await bring(alice, alice.account, entry))).toBe('done')
    alice.account.adopt(entry)
    made.push(entry)
  }
  const after = await world.restored(backup)
  const back = await again(after, alice)
  for (const entry of made) expect(outcome(await bring(back, alice.account, entry))).toBe('done')
  expect(await headOf(back, alice.account)).toBe(30)
})

test('an account that was made after the backup signs up again with what it has, and only then', async () => {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const backup = store.copy()
  const alice = await world.person('alice')
  world.clock.pass(3 * dayMs)
  const after = await world.restored(backup)
  const back = await after.device(alice.account)
  expect(outcome(await back.signIn())).toBe('UNKNOWN_ACCOUNT')
  expect(outcome(await back.signUp('alice'))).toBe('done')
  const never = await newWorld()
  never.clock.pass(3 * dayMs)
  const elsewhere = await never.device(alice.account)
  expect(expectAnswer(await elsewhere.signUp('alice'), 'failure').fault).toBe('clock')
})

test('key packages that may have been handed out before are handed out no more', async () => {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const keyPackages = [bob.keyPackage(1), bob.keyPackage(2)]
  expect(outcome(await bob.ask({ case: 'putKeyPackages', value: { suite: 1, keyPackages } }))).toBe('done')
  const take = (by: TestDevice) => by.ask({ case: 'takeKeyPackages', value: { account: bob.account.bytes, suite: 1 } })
  expect(expectAnswer(await take(alice), 'keyPackages').keyPackages).toHaveLength(1)
  const after = await world.restored(store.copy())
  const back = await again(after, alice)
  expect(expectAnswer(await take(back), 'keyPackages').missing).toHaveLength(1)
})

test('a chat that the restore lost goes on under the one id that follows from it', async () => {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const backup = store.copy()
  const lost = chatIdOf(world.random(32))
  const policy = policyFor('group', alice.account, [alice.account, bob.account])
  expect(outcome(await alice.createChat(lost, policy, []))).toBe('done')
  const after = await world.restored(backup)
  const back = await again(after, alice)
  const goesOn = policyFor('group', alice.account, [alice.account, bob.account], lost)
  const next = await successorOf(lost)
  expect(outcome(await back.createChat(chatIdOf(world.random(32)), goesOn, []))).toBe('NOT_ALLOWED')
  expect(outcome(await back.createChat(next, goesOn, []))).toBe('done')
  // Without a restore a chat that is not there has no successor.
  const other = chatIdOf(world.random(32))
  const stranger = policyFor('group', alice.account, [alice.account], other)
  expect(outcome(await alice.createChat(await successorOf(other), stranger, []))).toBe('NOT_ALLOWED')
})

async function successorOf(chat: ChatId): Promise<ChatId> {
  const label = new TextEncoder().encode('quintet/successor/v1')
  const bytes = new Uint8Array([...label, ...bytesOf(chat)])
  return chatIdOf(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes)))
}
