import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const lookEveryMs = 1000
const MiB = 2 ** 20

/** What one look at the process says. */
export interface Look {
  /** Which part of the time since the last one the event loop had something to do: 0 to 1. */
  readonly busy: number
  readonly heapBytes: number
}

/**
 * When to collect garbage: after two quiet looks, if the heap has grown by 8 MiB since it was last swept. A heap beyond
 * 256 MiB is left to the engine: to sweep it at once would stop the sockets for too long.
 */
export class IdleMemory {
  private quiet = 0
  private sweptBytes: number | undefined

  due({ busy, heapBytes }: Look): boolean {
    this.sweptBytes ??= heapBytes
    this.quiet = busy < 0.05 ? this.quiet + 1 : 0
    return this.quiet >= 2 && heapBytes >= this.sweptBytes + 8 * MiB && heapBytes <= 256 * MiB
  }

  swept(heapBytes: number): void {
    this.sweptBytes = heapBytes
  }
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void
let exposed: Collect | undefined

/** The engine's own function, which a new context gets while the flag is set. */
function exposeCollect(): Collect {
  setFlagsFromString('--expose-gc')
  const collect: Collect = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return collect
}

/** Collects all garbage and gives the memory back to the system. Stops everything meanwhile: 0.1 s for 50 MiB. */
export function collectGarbage(): void {
  exposed ??= exposeCollect()
  exposed({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

const heapBytes = (): number => getHeapStatistics().total_heap_size

/**
 * Gives back what the coming and going of many devices left behind, while nothing happens: the engine by itself
 * collects only when it needs room, and would keep it for as long as everybody is silent. Returns how to stop.
 */
export function watchIdleMemory(): () => void {
  const memory = new IdleMemory()
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization: busy } = performance.eventLoopUtilization(now, before)
    before = now
    if (!memory.due({ busy, heapBytes: heapBytes() })) return
    collectGarbage()
    memory.swept(heapBytes())
    before = performance.eventLoopUtilization()
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}
