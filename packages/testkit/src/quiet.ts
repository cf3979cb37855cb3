import { cryptoUnderWay, watchCrypto } from './crypto-watch.ts'
import type { Network } from './network.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { WorldError } from './world-error.ts'

/** Turns of the event loop without any sign of life before nothing counts as going on. */
const calmTurns = 10
/** A timer that is due later than this after the last frame belongs to nobody who waits: heartbeats, upkeep. */
const windowMs = 6_000
const minute = 60_000
/** Longer than any wait in the core; whoever still waits then waits for ever. */
const longestMs = 5 * minute
/** Frames without a moment's rest: more than any story has. */
const mostFrames = 200_000

/** Finds out when nothing is left to do, and lets time pass while somebody waits. Never sleeps. */
export class Quiet {
  private readonly clock: VirtualClock
  private readonly network: Network
  /** Devices that have a network and have not come online yet. */
  private readonly isComing: () => boolean
  private readonly waiting = new Map<Promise<unknown>, (why: WorldError) => void>()
  private pumping = false
  private step: Promise<boolean> | undefined

  constructor(clock: VirtualClock, network: Network, isComing: () => boolean) {
    this.clock = clock
    this.network = network
    this.isComing = isComing
    watchCrypto()
  }

  /** Lets the world go on until `promise` is settled; fails as `stuck` when nothing can settle it any more. */
  until<T>(promise: Promise<T>): Promise<T> {
    const failed = new Promise<never>((_, reject) => this.waiting.set(promise, reject))
    const forget = () => void this.waiting.delete(promise)
    promise.then(forget, forget)
    void this.pump()
    return Promise.race([promise, failed])
  }

  /** Until nothing is left to do: no frame under way, nobody waiting, no timer due in the next seconds. */
  async settle(): Promise<void> {
    const until = this.clock.now() + longestMs
    let seen = this.network.activity
    let calmSince = this.clock.now()
    for (;;) {
      await this.idle()
      if (this.network.activity !== seen) {
        seen = this.network.activity
        calmSince = this.clock.now()
      }
      const due = this.clock.nextDue()
      const open = this.network.inFlight > 0 || this.waiting.size > 0 || this.isComing()
      if (!open && (due === undefined || due > calmSince + windowMs)) return
      if (this.clock.now() > until) this.giveUp('never-quiet', 'the world does not come to rest')
      if (!(await this.advance())) this.giveUp('stuck', 'nothing is left to happen, and somebody still waits')
    }
  }

  /** Lets time pass, everything at its time. Beyond ten minutes the machines sleep through it and wake late. */
  async forward(ms: number): Promise<void> {
    await this.idle()
    const target = this.clock.now() + ms
    if (ms > 10 * minute) this.clock.jump(target)
    for (;;) {
      await this.idle()
      const due = this.clock.nextDue()
      if (due === undefined || due > target) break
      this.clock.runNext()
    }
    this.clock.jump(target)
    await this.idle()
  }

  /** Until no frame can arrive, no cipher runs and every promise that could go on has. Time stands still. */
  async idle(): Promise<void> {
    let calm = 0
    const first = this.network.activity
    let last = first
    while (calm < calmTurns) {
      await turn()
      const busy = this.network.wake() || cryptoUnderWay() > 0 || this.network.activity !== last
      last = this.network.activity
      if (last - first > mostFrames) this.giveUp('never-quiet', 'frames follow frames for ever')
      calm = busy ? 0 : calm + 1
    }
  }

  /** To the next timer, once nothing else goes on; false when there is none. Those who call together go together. */
  private advance(): Promise<boolean> {
    this.step ??= (async () => {
      await this.idle()
      if (this.clock.nextDue() === undefined) return this.network.inFlight > 0
      this.clock.runNext()
      return true
    })().finally(() => {
      this.step = undefined
    })
    return this.step
  }

  private async pump(): Promise<void> {
    if (this.pumping) return
    this.pumping = true
    const until = this.clock.now() + longestMs
    try {
      await this.idle()
      while (this.waiting.size > 0) {
        const moved = await this.advance()
        await this.idle()
        if (this.waiting.size === 0) break
        const code = !moved ? 'stuck' : this.clock.now() > until ? 'never-quiet' : undefined
        if (code !== undefined) this.release(new WorldError(code, this.tell('somebody waits in vain')))
      }
    } finally {
      this.pumping = false
    }
  }

  private release(why: WorldError): void {
    for (const reject of this.waiting.values()) reject(why)
    this.waiting.clear()
  }

  private giveUp(code: 'stuck' | 'never-quiet', what: string): never {
    throw new WorldError(code, this.tell(what))
  }

  private tell(what: string): string {
    const counts = `${this.network.inFlight} frames under way, ${this.waiting.size} calls waiting`
    return `${what}: ${counts}. The last frames:\n  ${this.network.trace.join('\n  ')}`
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
