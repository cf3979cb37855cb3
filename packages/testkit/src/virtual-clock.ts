import type { Clock } from '@quintet/client'

interface Timer {
  readonly at: number
  readonly order: number
  readonly task: () => void
}

/** A clock that moves when it is told to. */
export interface VirtualClock extends Clock {
  /** When the next timer is due; undefined = there is none. */
  nextDue(): number | undefined
  /** Moves to the next timer and runs it. */
  runNext(): void
  /** Puts it forward without running anything: what was due meanwhile is late, as on a machine that slept. */
  jump(to: number): void
  /** The same clock for somebody who may end: then their timers run no more. */
  mortal(): Clock & { end(): void }
}

export function virtualClock(startMs: number): VirtualClock {
  let now = startMs
  let order = 0
  const timers = new Set<Timer>()
  const next = (): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers)
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer
    return first
  }
  const after = (ms: number, task: () => void): (() => void) => {
    const timer = { at: now + Math.max(0, ms), order: ++order, task }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  return {
    now: () => now,
    after,
    nextDue: () => next()?.at,
    runNext() {
      const timer = next()
      if (timer === undefined) return
      timers.delete(timer)
      now = Math.max(now, timer.at)
      timer.task()
    },
    jump(to) {
      now = Math.max(now, to)
    },
    mortal() {
      const cancels = new Set<() => void>()
      let ended = false
      return {
        now: () => now,
        after(ms, task) {
          if (ended) return () => {}
          const cancel = after(ms, () => {
            cancels.delete(cancel)
            task()
          })
          cancels.add(cancel)
          return () => {
            cancel()
            cancels.delete(cancel)
          }
        },
        end() {
          ended = true
          for (const cancel of cancels) cancel()
          cancels.clear()
        },
      }
    },
  }
}
