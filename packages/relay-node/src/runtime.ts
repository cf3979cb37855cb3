import { randomFillSync } from 'node:crypto'
import type { RelayClock, RelayRuntime } from '@quintet/relay'
import { sha256 } from './sqlite/chat-head.ts'
import { verifyEd25519 } from './verify-ed25519.ts'

/** The longest that a timer of Node counts, ms; beyond it would fire at once. */
export const longestTimerMs = 2 ** 31 - 1

/** The machine's own clock. Its timers alone keep no process alive. */
export const systemClock: RelayClock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, longestTimerMs))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

export function nodeRuntime(clock: RelayClock = systemClock): RelayRuntime {
  return { clock, random: (length) => randomFillSync(new Uint8Array(length)), sha256, verifyEd25519 }
}
