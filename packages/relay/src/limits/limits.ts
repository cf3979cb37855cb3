import type { OwnerPolicy, Rate } from '../policy.ts'
import { Buckets } from './buckets.ts'
import { DailyCounts } from './daily.ts'

type RateKey = { [K in keyof OwnerPolicy]: OwnerPolicy[K] extends Rate ? K : never }[keyof OwnerPolicy]

const oncePerMinute: Rate = { burst: 1, perMinute: 1 }
/** How often an address is told that it connects too often. */
const toldRefusals: Rate = { burst: 50, perMinute: 600 }

/** Every limit that counts over time; the numbers are the owner's policy of the moment. */
export class Limits {
  private readonly buckets = new Buckets()
  private readonly days = new DailyCounts()
  private readonly policy: () => OwnerPolicy
  private readonly now: () => number

  constructor(policy: () => OwnerPolicy, now: () => number) {
    this.policy = policy
    this.now = now
  }

  /** Undefined = go on; else in how many ms to try again. */
  take(rate: RateKey, who: string, cost = 1): number | undefined {
    return this.buckets.take(`${rate} ${who}`, this.policy()[rate], this.now(), cost)
  }

  /** Takes whether it is there or not. */
  charge(rate: RateKey, who: string, cost: number): void {
    this.buckets.charge(`${rate} ${who}`, this.policy()[rate], this.now(), cost)
  }

  /** Gives back what was taken for something that was done before. */
  giveBack(rate: RateKey, who: string): void {
    this.buckets.giveBack(`${rate} ${who}`, this.policy()[rate])
  }

  /** Whether an address that may not connect now was told so often enough. */
  isDeaf(address: string): boolean {
    const wait = this.buckets.peek(`connectsPerAddress ${address}`, this.policy().connectsPerAddress, this.now())
    return wait !== undefined && this.buckets.take(`told ${address}`, toldRefusals, this.now()) !== undefined
  }

  /** Lets nobody of that name in for a minute. */
  shutOut(who: string): void {
    this.buckets.take(`out ${who}`, oncePerMinute, this.now())
  }

  /** For how many more ms; undefined = not. */
  isShutOut(who: string): number | undefined {
    return this.buckets.peek(`out ${who}`, oncePerMinute, this.now())
  }

  takeToday(what: string, perDay: number): number | undefined {
    return this.days.take(what, perDay, this.now())
  }
}
