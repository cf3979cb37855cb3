import { createHash, randomBytes } from 'node:crypto'
import { memoryStore, openRelay, type OwnerPolicy, defaultPolicy, type Relay } from '@quintet/relay'
import type { Socket, Transport } from '../src/ports.ts'

/** A clock that runs with the machine's, and can be put forward. */
export function createTestClock() {
  let ahead = 0
  const timers = new Set<{ readonly at: number; readonly task: () => void; handle: NodeJS.Timeout }>()
  const now = () => Date.now() + ahead
  const arm = (at: number, task: () => void) => {
    const timer = { at, task, handle: setTimeout(run, Math.max(0, at - now())) }
    function run(): void {
      timers.delete(timer)
      task()
    }
    timer.handle.unref()
    timers.add(timer)
    return timer
  }
  return {
    now,
    after(ms: number, task: () => void): () => void {
      const timer = arm(now() + ms, task)
      return () => {
        clearTimeout(timer.handle)
        timers.delete(timer)
      }
    },
    /** Puts it forward; what falls due meanwhile runs on the next turn. */
    forward(ms: number): void {
      ahead += ms
      for (const timer of [...timers]) {
        clearTimeout(timer.handle)
        timers.delete(timer)
        arm(timer.at, timer.task)
      }
    },
  }
}
export type TestClock = ReturnType<typeof createTestClock>

/** The real relay in this process, over a store in memory, with sockets that are function calls. */
export async function createTestRelay(input: { readonly clock: TestClock; readonly policy?: Partial<OwnerPolicy> }) {
  const store = memoryStore()
  const relay: Relay = await openRelay({
    store,
    runtime: {
      clock: input.clock,
      random: (length) => new Uint8Array(randomBytes(length)),
      sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    },
    defaults: { ...defaultPolicy, ...input.policy },
  })
  const cut = new Set<() => void>()
  let reachable = true
  /** What a test wants to do to frames on their way to a device; undefined = swallow it. */
  let toDevice: (bytes: Uint8Array) => Uint8Array | undefined = (bytes) => bytes
  const transport: Transport = {
    open(_url, on): Socket {
      let ended = false
      const end = () => {
        if (ended) return
        ended = true
        cut.delete(breakOff)
        connection?.closed()
        queueMicrotask(() => on.closed())
      }
      const breakOff = () => end()
      const queue = (bytes: Uint8Array) => {
        const copy = bytes.slice()
        setImmediate(() => {
          const passed = toDevice(copy)
          if (passed !== undefined) on.frame(passed)
        })
      }
      const connection = reachable
        ? relay.accept({ send: queue, close: () => setImmediate(end), bufferedBytes: () => 0, address: '10.0.0.1' })
        : undefined
      if (connection === undefined) queueMicrotask(() => on.closed())
      else {
        cut.add(breakOff)
        on.opened()
      }
      return {
        send: (bytes) => {
          if (!ended) connection?.receive(bytes.slice())
        },
        close: end,
      }
    },
  }
  return {
    relay,
    transport,
    store,
    /** Breaks every connection; new ones may come. */
    breakAll: () => [...cut].forEach((end) => void end()),
    /** Nobody gets through, or everybody again. */
    reachable(on: boolean) {
      reachable = on
      if (!on) for (const end of [...cut]) end()
    },
    tamper(change: typeof toDevice) {
      toDevice = change
    },
  }
}
export type TestRelay = Awaited<ReturnType<typeof createTestRelay>>
