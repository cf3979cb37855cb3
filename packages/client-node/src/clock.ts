import type { Clock } from '@quintet/client'

/** The longest that a timer of Node counts; beyond it would fire at once. */
const longestMs = 2 ** 31 - 1

/** The system's clock and timers. */
export function nodeClock(): Clock {
  return {
    now: () => Date.now(),
    steady: () => performance.now(),
    after(ms, task) {
      let timer: NodeJS.Timeout
      const arm = (left: number) => {
        timer = setTimeout(() => (left > longestMs ? arm(left - longestMs) : task()), Math.min(left, longestMs))
      }
      arm(Math.max(0, ms))
      return () => clearTimeout(timer)
    },
  }
}
