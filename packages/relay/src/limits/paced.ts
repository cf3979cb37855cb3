import type { Rate } from '../policy.ts'
import type { RelayClock } from '../ports/runtime.ts'
import { Buckets } from './buckets.ts'

/**
 * What each device reads: one thing after the other, so that nobody's reads stand before everybody else's, and beyond
 * what it may read at once no faster than its rate. It waits; nothing is refused.
 */
export class Paced {
  private readonly buckets = new Buckets()
  private readonly tails = new Map<string, Promise<void>>()
  private readonly rate: () => Rate
  private readonly clock: RelayClock

  constructor(rate: () => Rate, clock: RelayClock) {
    this.rate = rate
    this.clock = clock
  }

  /** Runs `read` when it is its turn; `bytes` says how much it came to. */
  run<T>(who: string, read: () => Promise<T>, bytes: (result: T) => number): Promise<T> {
    const before = this.tails.get(who)
    const result = before === undefined ? this.whenDue(who, read) : before.then(() => this.whenDue(who, read))
    const settled = (): void => {
      if (this.tails.get(who) === tail) this.tails.delete(who)
    }
    const tail = result.then((value) => {
      this.buckets.charge(who, this.rate(), this.clock.now(), bytes(value))
      settled()
    }, settled)
    this.tails.set(who, tail)
    return result
  }

  private whenDue<T>(who: string, read: () => Promise<T>): Promise<T> {
    const wait = this.buckets.peek(who, this.rate(), this.clock.now())
    if (wait === undefined) return read()
    return new Promise<void>((resolve) => void this.clock.after(wait, resolve)).then(read)
  }
}
