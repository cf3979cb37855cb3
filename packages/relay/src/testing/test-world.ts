import { assert } from '../assert.ts'
import { restoredSetting } from '../coming-back.ts'
import { openRelay, type Relay } from '../relay.ts'
import { defaultPolicy, type OwnerPolicy } from '../policy.ts'
import { type RelayClock, type RelayObserver, type RelayRuntime, silentObserver } from '../ports/runtime.ts'
import type { RelayStore } from '../ports/store.ts'
import { TestDevice } from './test-device.ts'
import { TestAccount, type TestKeys } from './test-person.ts'

/** A clock that moves when the test says so. */
export class TestClock implements RelayClock {
  private ms: number
  private timers: { atMs: number; readonly task: () => void }[] = []
  /** Handed on as a function of its own. */
  readonly now = (): number => this.ms

  constructor(startMs: number) {
    this.ms = startMs
  }

  after(ms: number, task: () => void): () => void {
    const timer = { atMs: this.ms + ms, task }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((each) => each !== timer)
    }
  }

  /** Somebody sets the clock: no time passes, and what is due later is due after as long as before. */
  leap(ms: number): void {
    this.ms += ms
    for (const timer of this.timers) timer.atMs += ms
  }

  /** Goes on by `ms`; what is due on the way is done at its time. */
  pass(ms: number): void {
    const until = this.ms + ms
    for (;;) {
      const next = this.timers.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((each) => each !== next)
      this.ms = Math.max(this.ms, next.atMs)
      next.task()
    }
    this.ms = until
  }
}

/** A relay in this process, on a clock of the test's own, and people with devices. */
export class TestWorld {
  readonly clock: TestClock
  readonly relay: Relay
  private readonly runtime: RelayRuntime

  private constructor(relay: Relay, clock: TestClock, runtime: RelayRuntime) {
    this.relay = relay
    this.clock = clock
    this.runtime = runtime
  }

  static async create(
    store: RelayStore,
    parts: Omit<RelayRuntime, 'clock'>,
    policy: Partial<OwnerPolicy> = {},
    observer: RelayObserver = silentObserver,
  ): Promise<TestWorld> {
    const clock = new TestClock(1_700_000_000_000)
    const runtime = { ...parts, clock }
    const relay = await openRelay({ store, runtime, observer, defaults: { ...defaultPolicy, ...policy } })
    return new TestWorld(relay, clock, runtime)
  }

  /** A relay over a backup of this one's store, on the same clock (R9). */
  async restored(backup: RelayStore): Promise<TestWorld> {
    await backup.settings.set('incarnation', undefined)
    await backup.settings.set(restoredSetting, String(this.clock.now()))
    const relay = await openRelay({ store: backup, runtime: this.runtime })
    return new TestWorld(relay, this.clock, this.runtime)
  }

  readonly random = (length: number): Uint8Array => this.runtime.random(length)

  account(mlsKey?: Uint8Array): Promise<TestAccount> {
    return TestAccount.create(this.random, this.clock.now(), mlsKey)
  }

  /** A device with a connection, not signed in. */
  device(account: TestAccount, keys: TestKeys = account.first, address = '127.0.0.1'): Promise<TestDevice> {
    return TestDevice.open(account, keys, (onFrame, onClose) => {
      let open = true
      // As on a network, nothing arrives within the call that sent it.
      const later = (task: () => void): void => queueMicrotask(task)
      const connection = this.relay.accept({
        address,
        send: (bytes) => later(() => onFrame(bytes)),
        close: () => {
          open = false
          later(onClose)
        },
        bufferedBytes: () => 0,
      })
      return {
        send: (bytes) => later(() => open && connection.receive(bytes)),
        close: () => {
          open = false
          connection.closed()
          onClose()
        },
      }
    })
  }

  /** Somebody who has signed up. */
  async person(handle: string): Promise<TestDevice> {
    const device = await this.device(await this.account())
    const answer = await device.signUp(handle)
    assert(answer.case === 'signedUp', 'the sign-up is taken')
    return device
  }

  /** A further device of the same account, in its log and signed in. */
  async link(of: TestDevice, by: TestDevice = of, mlsKey?: Uint8Array): Promise<TestDevice> {
    const { account } = of
    const keys = account.newKeys('desktop', mlsKey)
    const operation = { kind: 'add', identity: keys.identity, manageClaim: false } as const
    const entry = await account.entry(operation, this.clock.now(), by.keys, keys)
    const answer = await by.ask({ case: 'appendLog', value: { account: account.bytes, entry } })
    assert(answer.case === 'logAppended', 'the log takes the device')
    account.adopt(entry)
    const device = await this.device(account, keys)
    const entered = await device.signIn()
    assert(entered.case === 'authenticated', 'the device is let in')
    return device
  }
}
