import { expect, test } from 'vitest'
import { chatIdOf, expectAnswer, outcome, policyFor, type TestDevice, type TestWorld } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const yearMs = 365 * dayMs

/** Does something as often as it is taken, and once more. */
async function exhaust(what: () => Promise<string>): Promise<void> {
  for (let times = 0; times < 100; times++) if ((await what()) === 'RATE_LIMITED') return
  throw new Error('it was never too often')
}

const offer = (world: TestWorld, by: TestDevice) =>
  by.ask({ case: 'offerOpen', value: { offer: world.random(16), commit: world.random(32) } })

test('the clock goes a year ahead and back: in a chat time never goes back, in a new one it is right', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const [before, after] = [chatIdOf(world.random(32)), chatIdOf(world.random(32))]
  const policy = policyFor('group', alice.account, [alice.account])
  await alice.createChat(before, policy)
  const times: bigint[] = []
  for (const [at, leap] of [0, yearMs, -2 * yearMs, yearMs].entries()) {
    world.clock.leap(leap)
    times.push(expectAnswer(await alice.say(before, 1n, BigInt(at + 1), 'text'), 'appended').atMs)
  }
  expect(times).toEqual(times.toSorted())
  const { atMs } = expectAnswer(await alice.createChat(after, policy), 'committed')
  expect(Number(atMs)).toBe(world.clock.now())
})

test('what was too often by a clock a year ahead is not too often for a year', async () => {
  const world = await newWorld({
    lookups: { burst: 3, perMinute: 3 },
    signUpsPerAddress: { burst: 1, perMinute: 1 },
    offersPerAddress: 2,
    logEntriesPerDay: 2,
    keyPackagesPerDayForStrangers: 1,
    requests: { burst: 1000, perMinute: 1000 },
  })
  const [alice, bob] = [await world.person('alice'), await world.person('bob').catch(() => undefined)]
  expect(bob).toBeUndefined()
  world.clock.leap(yearMs)
  const lookup = async () => outcome(await alice.ask({ case: 'lookup', value: { handle: 'nobody' } }))
  const open = async () => outcome(await offer(world, alice))
  const other = await world.person('carol')
  const take = async () =>
    outcome(await alice.ask({ case: 'takeKeyPackages', value: { account: other.account.bytes, suite: 1 } }))
  const signUp = async () => {
    const visitor = await world.device(await world.account())
    return outcome(await visitor.signUp(`dora-${world.random(1)[0]}`))
  }
  for (const what of [lookup, open, take, signUp]) await exhaust(what)
  world.clock.leap(-yearMs)
  expect(await open()).toBe('done')
  for (const what of [lookup, signUp]) expect(await what()).toBe('RATE_LIMITED')
  world.clock.pass(minuteMs)
  expect(await lookup()).toBe('UNKNOWN_HANDLE')
  expect(await signUp()).toBe('done')
  expect(await take()).toBe('RATE_LIMITED')
  world.clock.pass(dayMs)
  expect(await take()).toBe('done')
})

test('an offer of two minutes does not live for a year because the clock was put back', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  world.clock.leap(yearMs)
  const { code } = expectAnswer(await offer(world, await world.device(await world.account())), 'offerOpened')
  world.clock.leap(-yearMs)
  expect(outcome(await alice.ask({ case: 'offerClaim', value: { code } }))).toBe('OFFER_INVALID')
})

test('a log that was written while all clocks were a year ahead goes on when they are right, and no further ahead', async () => {
  const world = await newWorld({ logEntriesPerDay: 3 })
  world.clock.leap(yearMs)
  const alice = await world.person('alice')
  const change = async (atMs: number) => {
    const entry = await alice.account.entry({ kind: 'make-main', device: alice.keys.device }, atMs)
    const answer = await alice.ask({ case: 'appendLog', value: { account: alice.account.bytes, entry } })
    if (answer.case === 'logAppended') alice.account.adopt(entry)
    return answer.case === 'failure' ? answer.value.fault || outcome(answer) : 'done'
  }
  const ahead = alice.account.state.headAtMs
  for (const _ of [1, 2]) expect(await change(ahead)).toBe('done')
  expect(await change(ahead)).toBe('RATE_LIMITED')
  world.clock.leap(-yearMs)
  for (const _ of [1, 2, 3]) expect(await change(world.clock.now())).toBe('done')
  expect(alice.account.state.headAtMs).toBe(ahead)
  expect(await change(ahead + 1)).toBe('clock')
})

test('who stands at the door when the clock is put back does not stand there for a year', async () => {
  const world = await newWorld()
  world.clock.leap(yearMs)
  const stranger = await world.device(await world.account())
  world.clock.leap(-yearMs)
  world.clock.pass(minuteMs)
  await stranger.line.until(() => stranger.line.closed)
  expect((await stranger.line.hears('goodbye')).message).toBe('Nobody signed in here.')
})
