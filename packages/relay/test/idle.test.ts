import { bytesOf } from '@quintet/domain'
import { memoryStore } from '../src/index.ts'
import { expect, test } from 'vitest'
import { chatIdOf, expectAnswer, outcome, policyFor, type TestDevice } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

const dayMs = 24 * 60 * 60 * 1000

/** Alice alone, and Bob with a phone, leaf 1, and a laptop, leaf 2. */
async function group(store = memoryStore()) {
  const world = await newWorld({}, store)
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const laptop = await world.link(bob)
  const chat = chatIdOf(world.random(32))
  const policy = policyFor('direct', alice.account, [alice.account, bob.account])
  const walk = policyFor('group', alice.account, [alice.account, bob.account])
  expect(policy).not.toEqual(walk)
  expect(outcome(await alice.createChat(chat, walk, [bob, laptop]))).toBe('done')
  const takeOut = (...gone: readonly (readonly [TestDevice, number])[]) => {
    const removes = gone.map(([device, index]) => ({ index, who: device.leaf.credential }))
    const saysIdle = gone.map(([device]) => device.leaf.credential)
    return alice.commit({ chat, epoch: 1n, sender: 0, removes, saysIdle }, walk)
  }
  const idle = async () => expectAnswer(await alice.ask({ case: 'lastSeen', value: {} }), 'lastSeen').idle
  return { world, alice, bob, laptop, takeOut, idle }
}

test('a device that was away for two months is named to those it shares a chat with, and may be taken out (C11)', async () => {
  const { world, bob, laptop, takeOut, idle } = await group()
  laptop.line.close()
  world.clock.pass(59 * dayMs)
  expect(await idle()).toEqual([])
  expect(outcome(await takeOut([laptop, 2]))).toBe('NOT_ALLOWED')
  world.clock.pass(2 * dayMs)
  expect((await idle()).map(({ device }) => device)).toEqual([bytesOf(laptop.keys.device)])
  // One that is connected is here, however long ago it came.
  expect(outcome(await takeOut([bob, 1]))).toBe('NOT_ALLOWED')
  expect(outcome(await takeOut([laptop, 2]))).toBe('done')
})

test('a device that was always on is none that was away, just after it has lost its connection', async () => {
  const { world, laptop, takeOut, idle } = await group()
  world.clock.pass(61 * dayMs)
  laptop.line.close()
  expect(await idle()).toEqual([])
  expect(outcome(await takeOut([laptop, 2]))).toBe('NOT_ALLOWED')
})

test('a relay that was killed knows who was there all the time before', async () => {
  const store = memoryStore()
  const { world, bob, laptop } = await group(store)
  const start = world.clock.now()
  world.clock.pass(61 * dayMs)
  await world.relay.sweep()
  world.clock.pass(4000)
  await store.flushed()
  const seen = await store.accounts.seen(bob.account.id)
  expect(seen.get(laptop.keys.device)).toBeGreaterThanOrEqual(start + 61 * dayMs)
})

test('an account’s last device is not taken out for being away, nor all of them at once (C11)', async () => {
  const { world, bob, laptop, takeOut } = await group()
  laptop.line.close()
  bob.line.close()
  world.clock.pass(61 * dayMs)
  expect(outcome(await takeOut([bob, 1], [laptop, 2]))).toBe('NOT_ALLOWED')
  expect(outcome(await takeOut([bob, 1]))).toBe('done')
})

test('a device that is not taken out is not said to be away (C11)', async () => {
  const { world, alice, laptop } = await group()
  laptop.line.close()
  world.clock.pass(61 * dayMs)
  const chat = chatIdOf(world.random(32))
  const walk = policyFor('group', alice.account, [alice.account])
  expect(outcome(await alice.createChat(chat, walk))).toBe('done')
  const saysIdle = [laptop.leaf.credential]
  expect(outcome(await alice.commit({ chat, epoch: 1n, sender: 0, saysIdle }, walk))).toBe('NOT_ALLOWED')
})
