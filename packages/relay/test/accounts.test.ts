import { bytesOf } from '@quintet/domain'
import type { LogOperation } from '@quintet/identity'
import type { Response } from '@quintet/wire'
import { expect, test } from 'vitest'
import { expectAnswer, outcome, type TestAccount, type TestDevice, type TestKeys } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

async function appendBy(
  device: TestDevice,
  op: LogOperation,
  nowMs: number,
  by: TestKeys | 'recovery' = device.keys,
  added?: TestKeys,
): Promise<Response['result']> {
  const { account } = device
  const entry = await account.entry(op, nowMs, by, added)
  const result = await device.ask({ case: 'appendLog', value: { account: account.bytes, entry } })
  if (result.case === 'logAppended') account.adopt(entry)
  return result
}

test('a handle is given to the first who asks for it', async () => {
  const world = await newWorld()
  await world.person('alice')
  const second = await world.device(await world.account())
  expect(outcome(await second.signUp('alice'))).toBe('HANDLE_TAKEN')
  expect(outcome(await second.signUp('Alice'))).toBe('HANDLE_INVALID')
  expect(outcome(await second.signUp('self'))).toBe('HANDLE_INVALID')
  expect(outcome(await second.signUp('bob'))).toBe('done')
  expect(outcome(await second.signUp('bob'))).toBe('done')
  expect(outcome(await second.ask({ case: 'lookup', value: { handle: 'nobody' } }))).toBe('UNKNOWN_HANDLE')
})

test('a sign-up with a wrong signature, an old clock or another protocol makes no account', async () => {
  const world = await newWorld()
  const account = await world.account()
  const device = await world.device(account)
  const { incarnation } = device.line.greeting
  const signature = await account.signature(account.first, incarnation, new Uint8Array(32))
  const value = { protocol: 1, handle: 'alice', genesis: account.genesis, signature }
  expect(outcome(await device.ask({ case: 'signUp', value }))).toBe('UNAUTHENTICATED')
  expect(outcome(await device.ask({ case: 'signUp', value: { ...value, protocol: 2 } }))).toBe('INCOMPATIBLE')
  world.clock.pass(2 * hourMs)
  const late = await world.device(account)
  expect(expectAnswer(await late.signUp('alice'), 'failure').fault).toBe('clock')
  expect(outcome(await late.ask({ case: 'lookup', value: { handle: 'alice' } }))).toBe('UNKNOWN_HANDLE')
})

test('a relay by invite asks for one, takes it once, and gives it back when the handle is taken', async () => {
  const { memoryStore } = await import('../src/index.ts')
  const store = memoryStore()
  const world = await newWorld({ signUp: 'invite' }, store)
  await store.invites.create({ code: 'welcome', usesLeft: 2, expiresAtMs: undefined, createdAtMs: 0 })
  const [alice, bob] = [await world.device(await world.account()), await world.device(await world.account())]
  expect(outcome(await alice.signUp('alice'))).toBe('INVITE_INVALID')
  expect(outcome(await alice.signUp('alice', 'welcome'))).toBe('done')
  expect(outcome(await bob.signUp('alice', 'welcome'))).toBe('HANDLE_TAKEN')
  expect(outcome(await bob.signUp('bob', 'welcome'))).toBe('done')
  const carol = await world.device(await world.account())
  expect(outcome(await carol.signUp('carol', 'welcome'))).toBe('INVITE_INVALID')
  const closed = await newWorld({ signUp: 'closed' })
  const late = await closed.device(await closed.account())
  expect(outcome(await late.signUp('dora'))).toBe('SIGN_UP_CLOSED')
})

test('ten people sign up within a minute from one address; far more do not', async () => {
  const world = await newWorld({ signUpsPerAddress: { burst: 10, perMinute: 10 } })
  for (let n = 0; n < 10; n++) await world.person(`person${n}`)
  const refused = await world.device(await world.account())
  const answer = expectAnswer(await refused.signUp('eleven'), 'failure')
  expect(answer.retryAfterMs).toBeGreaterThan(0n)
  world.clock.pass(60_000)
  await world.person('eleven')
})

test('only the key of the device lets it in, and only while it is in the log', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const laptop = await world.link(alice)
  const stranger = await world.account()
  const device = bytesOf(laptop.keys.device)
  const signature = await stranger.signature(stranger.first, new Uint8Array(16), new Uint8Array(32))
  const forged = { protocol: 1, account: alice.account.bytes, device, signature }
  expect(outcome(await laptop.ask({ case: 'authenticate', value: forged }))).toBe('UNAUTHENTICATED')
  const nobody = await world.device(stranger)
  expect(outcome(await nobody.signIn())).toBe('UNKNOWN_ACCOUNT')
  expect(outcome(await nobody.ask({ case: 'sync', value: {} }))).toBe('UNAUTHENTICATED')
  const removed = await appendBy(alice, { kind: 'remove', device: laptop.keys.device }, world.clock.now())
  expect(outcome(removed)).toBe('done')
  expect((await laptop.line.hears('goodbye')).message).toMatch(/no longer part/)
  expect(laptop.line.closed).toBe(true)
  expect(outcome(await laptop.reconnect())).toBe('UNLINKED')
})

test('a device log takes one entry per position, and the same one again', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const { account } = alice
  const keys = account.newKeys()
  const op = { kind: 'add', identity: keys.identity, manageClaim: false } as const
  const winner = await account.entry(op, world.clock.now(), account.first, keys)
  const loser = await account.entry({ kind: 'set-recovery', recovery: undefined }, world.clock.now(), 'recovery')
  const post = (entry: typeof winner) => alice.ask({ case: 'appendLog', value: { account: account.bytes, entry } })
  expect(outcome(await post(winner))).toBe('done')
  expect(outcome(await post(winner))).toBe('done')
  const conflict = expectAnswer(await post(loser), 'failure')
  expect([outcome({ case: 'failure', value: conflict }), conflict.position]).toEqual(['CONFLICT', 1n])
  const logs = await alice.ask({ case: 'logs', value: { accounts: [{ account: account.bytes, fromPosition: 1n }] } })
  expect(expectAnswer(logs, 'logs').logs[0]?.entries).toHaveLength(1)
})

test('a sixth device is refused, and a faulty entry is named for what is wrong', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  for (let n = 0; n < 4; n++) await world.link(alice)
  const { account } = alice
  const keys = account.newKeys()
  const add = { kind: 'add', identity: keys.identity, manageClaim: false } as const
  expect(outcome(await appendBy(alice, add, world.clock.now(), account.first, keys))).toBe('ACCOUNT_FULL')
  const unsigned = await appendBy(alice, { kind: 'make-main', device: keys.device }, world.clock.now())
  expect(expectAnswer(unsigned, 'failure').fault).toBe('unknown-device')
})

test('a device that signs out is answered before it is shown out', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const laptop = await world.link(alice)
  const answer = await appendBy(laptop, { kind: 'remove', device: laptop.keys.device }, world.clock.now(), laptop.keys)
  expect(outcome(answer)).toBe('done')
  await laptop.line.until(() => laptop.line.closed)
  expect((await alice.line.hears('logChanged')).head?.position).toBe(1n)
})

test('a log grows by so much a day, but what the kit removes is never held up', async () => {
  const world = await newWorld({ logEntriesPerDay: 3 })
  const alice = await world.person('alice')
  const laptop = await world.link(alice)
  await world.link(alice)
  const { device } = laptop.keys
  const main = { kind: 'make-main', device } as const
  expect(outcome(await appendBy(alice, main, world.clock.now()))).toBe('RATE_LIMITED')
  const kit = await appendBy(alice, { kind: 'remove', device }, world.clock.now(), 'recovery')
  expect(outcome(kit)).toBe('done')
  world.clock.pass(dayMs)
  const own = { kind: 'make-main', device: alice.keys.device } as const
  expect(outcome(await appendBy(alice, own, world.clock.now()))).toBe('done')
})

test('the kit adds to a log without anybody signed in; nobody else does', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const { account } = alice
  const keys = account.newKeys()
  const stranger = await world.device(account, keys)
  const add = { kind: 'add', identity: keys.identity, manageClaim: false } as const
  const unsigned = await account.entry(add, world.clock.now(), account.first, keys)
  const asked = await stranger.ask({ case: 'appendLog', value: { account: account.bytes, entry: unsigned } })
  expect(outcome(asked)).toBe('UNAUTHENTICATED')
  expect(outcome(await appendBy(stranger, add, world.clock.now(), 'recovery', keys))).toBe('done')
  expect(outcome(await stranger.signIn())).toBe('done')
})

test('a deleted account ends its connections, frees its handle after 90 days, and keeps its log readable', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  await alice.ask({ case: 'putKitBlob', value: { blob: new Uint8Array(9) } })
  expect(outcome(await appendBy(alice, { kind: 'close' }, world.clock.now(), 'recovery'))).toBe('done')
  expect((await alice.line.hears('goodbye')).message).toMatch(/deleted/)
  await alice.line.until(() => alice.line.closed)
  expect(outcome(await alice.reconnect())).toBe('ACCOUNT_CLOSED')
  const bob = await world.device(await world.account())
  expect(outcome(await bob.ask({ case: 'lookup', value: { handle: 'alice' } }))).toBe('UNKNOWN_HANDLE')
  const logs = await bob.ask({ case: 'logs', value: { accounts: [{ account: alice.account.bytes }] } })
  expect(expectAnswer(logs, 'logs').logs[0]?.entries).toHaveLength(2)
  expect(outcome(await bob.signUp('alice'))).toBe('HANDLE_TAKEN')
  world.clock.pass(91 * dayMs)
  const late = await world.device(await world.account())
  expect(outcome(await late.signUp('alice'))).toBe('done')
})

test('a statement is replaced by a newer one only', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const put = async (counter: bigint, by: TestAccount = alice.account) =>
    outcome(await alice.ask({ case: 'putStatement', value: { statement: await by.statement(by.first, counter) } }))
  expect(await put(3n)).toBe('done')
  expect(await put(3n)).toBe('done')
  expect(await put(2n)).toBe('NOT_ALLOWED')
  expect(await put(4n, await world.account())).toBe('MALFORMED')
  const logs = await alice.ask({ case: 'logs', value: { accounts: [{ account: alice.account.bytes }] } })
  expect(expectAnswer(logs, 'logs').logs[0]?.statements).toEqual([await alice.account.statement(alice.keys, 3n)])
})

test('a handle is changed and given up; the one before is free at once', async () => {
  const world = await newWorld()
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const set = async (who: TestDevice, handle: string) =>
    outcome(await who.ask({ case: 'setHandle', value: { handle } }))
  expect(await set(alice, 'bob')).toBe('HANDLE_TAKEN')
  expect(await set(alice, 'no good')).toBe('HANDLE_INVALID')
  expect(await set(alice, 'ally')).toBe('done')
  expect(await set(bob, 'alice')).toBe('done')
  expect(await set(alice, '')).toBe('done')
  expect(outcome(await bob.ask({ case: 'lookup', value: { handle: 'ally' } }))).toBe('UNKNOWN_HANDLE')
})

test('key packages go out one per device and once each, to strangers a few a day', async () => {
  const world = await newWorld({ keyPackagesPerDayForStrangers: 2 })
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const put = (keyPackages: Uint8Array[], lastResort: Uint8Array = new Uint8Array()) =>
    bob.ask({ case: 'putKeyPackages', value: { suite: 1, keyPackages, lastResort } })
  expect(outcome(await put([bob.keyPackage(1)], bob.keyPackage(9)))).toBe('done')
  expect(outcome(await put([alice.keyPackage(1)]))).toBe('MALFORMED')
  expect(outcome(await put([bob.keyPackage(1, 0x4f)]))).toBe('MALFORMED')
  expect(outcome(await put([Uint8Array.of(1, 2, 3)]))).toBe('MALFORMED')
  const take = () => alice.ask({ case: 'takeKeyPackages', value: { account: bob.account.bytes, suite: 1 } })
  const first = expectAnswer(await take(), 'keyPackages')
  expect(first.keyPackages).toMatchObject([{ keyPackage: bob.keyPackage(1), lastResort: false }])
  expect(expectAnswer(await take(), 'keyPackages').keyPackages[0]?.lastResort).toBe(true)
  expect(outcome(await take())).toBe('RATE_LIMITED')
  world.clock.pass(dayMs)
  expect(outcome(await take())).toBe('done')
  const stock = expectAnswer(await bob.ask({ case: 'keyPackageStock', value: {} }), 'stock')
  expect([stock.base, stock.baseLastResortAtMs > 0n, stock.hybrid]).toEqual([0, true, 0])
  const none = await alice.ask({ case: 'takeKeyPackages', value: { account: bob.account.bytes, suite: 2 } })
  expect(outcome(none)).toBe('done')
})

test('the kit blob reads back; without one the relay says that there is none', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  expect(outcome(await alice.ask({ case: 'getKitBlob', value: {} }))).toBe('NONE')
  const blob = world.random(50)
  await alice.ask({ case: 'putKitBlob', value: { blob } })
  expect(expectAnswer(await alice.ask({ case: 'getKitBlob', value: {} }), 'kitBlob').blob).toEqual(blob)
  const tooLarge = new Uint8Array(1024 * 1024 + 1)
  expect(outcome(await alice.ask({ case: 'putKitBlob', value: { blob: tooLarge } }))).toBe('TOO_LARGE')
})

test('an account sees which of its devices are here', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const laptop = await world.link(alice)
  laptop.line.close()
  world.clock.pass(5000)
  await alice.ask({ case: 'ping', value: {} })
  const { devices } = expectAnswer(await alice.ask({ case: 'lastSeen', value: {} }), 'lastSeen')
  expect(devices.map(({ connected, atMs }) => [connected, atMs > 0n])).toEqual([
    [true, true],
    [false, true],
  ])
})

test('a suspended account is shown out and let in again later', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  await world.relay.applySuspended(new Set([alice.account.id]))
  await alice.line.until(() => alice.line.closed)
  expect(outcome(await alice.reconnect())).toBe('SUSPENDED')
  await world.relay.applySuspended(new Set())
  expect(outcome(await alice.reconnect())).toBe('done')
})
