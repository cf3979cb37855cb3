import type { Clock } from '../ports.ts'
import { steady } from '../steady.ts'

/** How long an answer may take before the connection counts as dead, ms. */
const answerMs = 10_000
/** A request unanswered for this long means a relay that hangs, even if it still answers pings, ms. */
const hungMs = 60_000

export interface Heartbeat {
  /** Something came from the relay. */
  heard(): void
  stop(): void
}

/**
 * Finds out that a connection is dead although nobody closed it: a phone that changed networks, a pulled plug.
 *
 * Asks by `ping` when nothing was heard for `everyMs`; no word within 10 s after that calls `dead`, once.
 */
export function startHeartbeat(input: {
  readonly clock: Clock
  readonly everyMs: number
  readonly oldestCall: () => number | undefined
  readonly ping: () => void
  readonly dead: () => void
}): Heartbeat {
  const { clock, everyMs } = input
  let lastHeard = steady(clock)
  let stopped = false
  let cancel = clock.after(everyMs, beat)
  function die(): void {
    stopped = true
    input.dead()
  }
  function beat(): void {
    if (stopped) return
    const now = steady(clock)
    const oldest = input.oldestCall()
    if (oldest !== undefined && now - oldest >= hungMs) {
      die()
      return
    }
    if (now - lastHeard < everyMs) {
      cancel = clock.after(everyMs - (now - lastHeard), beat)
      return
    }
    const asked = now
    cancel = clock.after(Math.min(answerMs, everyMs), () => {
      if (stopped) return
      if (lastHeard < asked) {
        die()
        return
      }
      cancel = clock.after(Math.max(0, lastHeard + everyMs - steady(clock)), beat)
    })
    input.ping()
  }
  return {
    heard() {
      lastHeard = steady(clock)
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}
