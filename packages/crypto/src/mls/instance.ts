import { type Engine, instantiate } from '../../wasm/quintet_mls.js'
import { type EngineRows, MlsError } from '../mls-engine.ts'
import { parseFault } from './fault.ts'

/** The engine in a WebAssembly instance of its own, made anew after a trap. */
export interface RunningEngine {
  /** Calls the engine. Throws MlsError alone; after a trap every call fails until `restart`. */
  call<T>(run: (engine: Engine) => T): T
  /** After a trap: a new instance, which knows what the rows know. Otherwise nothing. */
  restart(): void
}

/**
 * Starts the engine.
 *
 * A trap (a panic, memory or stack at its end) leaves its instance in no known state, so that it is
 * never entered again; what it had changed and not handed out went with it, and calls fail until the
 * caller has taken note by reloading.
 */
export function runEngine(
  module: WebAssembly.Module,
  rows: EngineRows,
  maxLoadedBytes: number,
  onStart: (engine: Engine) => void,
): RunningEngine {
  let unreadable: { readonly reason: unknown } | undefined
  const watched: EngineRows = {
    read(key) {
      try {
        return rows.read(key)
      } catch (reason) {
        unreadable = { reason }
        throw reason
      }
    },
  }
  const start = () => {
    const instance = instantiate(module)
    return { instance, engine: new instance.Engine(watched, maxLoadedBytes) }
  }
  let running: ReturnType<typeof start> | undefined = start()

  function faultOf(thrown: unknown): MlsError {
    const fault = parseFault(thrown)
    if (fault) {
      if (unreadable) fault.cause = unreadable.reason
      return fault
    }
    let place = ''
    try {
      place = running?.instance.panicPlace() ?? ''
    } catch {
      // An instance that trapped need not answer.
    }
    running = undefined
    const trap = new MlsError('engine', `trapped at ${place || 'an unknown place'}`)
    trap.cause = thrown
    return trap
  }

  return {
    call(run) {
      if (!running) throw new MlsError('engine', 'trapped before: reload first')
      unreadable = undefined
      try {
        return run(running.engine)
      } catch (thrown) {
        throw faultOf(thrown)
      }
    },
    restart() {
      if (running) return
      const next = start()
      onStart(next.engine)
      running = next
    },
  }
}
