import { bytesOf, type ChatId } from '@quintet/domain'
import { nodeRuntime, openStore } from '@quintet/relay-node'
import { chatIdOf, expectAnswer, outcome, policyFor, TestClock, type TestDevice } from '@quintet/relay/testing'
import { openRelay, type RelayStore } from '@quintet/relay'
import { expect, test } from 'vitest'
import { type DoubtedClock, doubtedClock } from '../src/doubted-clock.ts'
import { comeBack, Host, person, random } from './host.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs
const startMs = 1_700_000_000_000

/** A machine whose clock somebody can move without time passing. */
class Machine {
  readonly clock = new TestClock(startMs)
  passedMs = 0

  leap(ms: number): void {
    this.clock.leap(ms)
  }

  pass(ms: number): void {
    this.clock.pass(ms)
    this.passedMs += ms
  }

  /** As a relay that starts now sees the time. */
  watch(store: RelayStore): Promise<DoubtedClock> {
    const startedMs = this.passedMs
    return doubtedClock(this.clock, store.settings, () => this.passedMs - startedMs)
  }
}

test('a clock that goes evenly is believed, one that leaps is in doubt for three days in which the relay runs', async () => {
  await using host = new Host()
  const store = openStore(host.folder)
  const machine = new Machine()
  let clock = await machine.watch(store)
  for (let day = 0; day < 10; day++) {
    machine.pass(dayMs)
    expect(clock.doubted()).toBe(false)
  }
  for (const leap of [yearMs, -yearMs]) {
    machine.leap(leap)
    expect(clock.doubted()).toBe(true)
    machine.pass(2 * dayMs)
    await clock.look()
    expect(clock.doubted()).toBe(true)
    // Neither does a restart end the doubt.
    clock = await machine.watch(store)
    machine.pass(hourMs)
    expect(clock.doubted()).toBe(true)
    machine.pass(dayMs)
    expect(clock.doubted()).toBe(false)
    await clock.look()
  }
  for (const leap of [yearMs, -yearMs]) {
    machine.leap(leap)
    clock = await machine.watch(store)
    expect(clock.doubted()).toBe(true)
    machine.pass(4 * dayMs)
    expect(clock.doubted()).toBe(false)
    await clock.look()
  }
  await store.close()
})

/** What of a chat the relay still has. */
async function seqs(alice: TestDevice, chat: ChatId): Promise<readonly number[]> {
  const page = expectAnswer(await alice.ask({ case: 'fetch', value: { chat: bytesOf(chat) } }), 'fetched')
  return page.entries.map(({ seq }) => Number(seq))
}

test('a clock a year ahead deletes nothing that waits, and what it stamped does not wait for a year once it is right', {
  timeout: 60_000,
}, async () => {
  await using host = new Host()
  const before = await host.start()
  const first = await person(before.url, 'alice')
  const chats = [chatIdOf(random(32)), chatIdOf(random(32))] as const
  for (const chat of chats) {
    await first.createChat(chat, policyFor('group', first.account, [first.account]))
    await first.say(chat, 1n, 1n, 'waits')
  }
  await before.close()
  const machine = new Machine()
  machine.leap(Date.now() - startMs)
  const store = openStore(host.folder)
  const clock = await machine.watch(store)
  await clock.look()
  const relay = await openRelay({ store, runtime: nodeRuntime(clock) })
  machine.leap(yearMs)
  expect(await relay.sweep()).toBe(0)
  await store.close()
  const ahead = await host.start({ clock: machine.clock })
  const alice = await comeBack(first, ahead.url)
  expect(await seqs(alice, chats[0])).toEqual([1, 2])
  expect(outcome(await alice.say(chats[0], 1n, 2n, 'stamped a year ahead'))).toBe('done')
  await ahead.close()
  machine.leap(-yearMs)
  const right = await host.start({ clock: machine.clock })
  const back = await comeBack(first, right.url)
  expect(outcome(await back.say(chats[1], 1n, 2n, 'stamped aright'))).toBe('done')
  await right.close()
  const again = openStore(host.folder)
  const even = await machine.watch(again)
  machine.pass(31 * dayMs)
  expect(even.doubted()).toBe(false)
  const late = await openRelay({ store: again, runtime: nodeRuntime(even) })
  expect(await late.sweep()).toBe(6)
  await again.close()
})
