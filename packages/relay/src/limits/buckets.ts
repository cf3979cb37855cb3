import type { Rate } from '../policy.ts'

interface Bucket {
  tokens: number
  atMs: number
}

/** Token buckets by key. Full ones are forgotten, so that memory follows only those who are busy. */
export class Buckets {
  private readonly buckets = new Map<string, Bucket>()
  private readonly bound: number

  constructor(bound = 50_000) {
    this.bound = bound
  }

  /** Takes `cost`, or takes nothing and says in how many ms there would be enough. */
  take(key: string, rate: Rate, nowMs: number, cost = 1): number | undefined {
    const perMs = rate.perMinute / 60_000
    const bucket = this.buckets.get(key)
    // A clock that was put back would leave an empty bucket empty until it has caught up.
    if (bucket && nowMs < bucket.atMs) bucket.atMs = nowMs
    const tokens = bucket ? Math.min(rate.burst, bucket.tokens + (nowMs - bucket.atMs) * perMs) : rate.burst
    if (tokens < cost) return Math.max(1, (cost - tokens) / perMs)
    if (!bucket) this.makeRoom()
    if (bucket) {
      bucket.tokens = tokens - cost
      bucket.atMs = nowMs
    } else {
      this.buckets.set(key, { tokens: tokens - cost, atMs: nowMs })
    }
    return undefined
  }

  /** In how many ms there would be enough, if there is not now. Takes nothing. */
  peek(key: string, rate: Rate, nowMs: number, cost = 1): number | undefined {
    const bucket = this.buckets.get(key)
    if (bucket === undefined) return undefined
    const perMs = rate.perMinute / 60_000
    const tokens = Math.min(rate.burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
    return tokens < cost ? Math.max(1, (cost - tokens) / perMs) : undefined
  }

  /** Takes `cost` whether it is there or not: what is missing has to come back first. At most as much as `burst` again. */
  charge(key: string, rate: Rate, nowMs: number, cost: number): void {
    const perMs = rate.perMinute / 60_000
    const { tokens, atMs } = this.buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs }
    const there = Math.min(rate.burst, tokens + Math.max(0, nowMs - atMs) * perMs)
    if (!this.buckets.has(key)) this.makeRoom()
    this.buckets.set(key, { tokens: Math.max(-rate.burst, there - cost), atMs: nowMs })
  }

  /** Gives back what a refused try took. */
  giveBack(key: string, rate: Rate, cost = 1): void {
    const bucket = this.buckets.get(key)
    if (bucket) bucket.tokens = Math.min(rate.burst, bucket.tokens + cost)
  }

  private makeRoom(): void {
    if (this.buckets.size < this.bound) return
    let drop = Math.ceil(this.bound / 10)
    for (const key of this.buckets.keys()) {
      this.buckets.delete(key)
      if (--drop === 0) return
    }
  }
}
