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

  function trap(spoilt: ReturnType<typeof start>, thrown: unknown): MlsError {
    let place = ''
    try {
      place = spoilt.instance.panicPlace()
    } catch {
      // An instance that trapped need not answer.
    }
    const error = new MlsError('engine', `trapped at ${place || 'an unknown place'}`)
    error.cause = thrown
    return error
  }

  function fault(thrown: string): MlsError {
    const error = parseFault(thrown)
    if (unreadable) error.cause = unreadable.reason
    return error
  }

  return {
    call(run) {
      const entered = running
      if (!entered) throw new MlsError('engine', 'trapped before: reload first')
      unreadable = undefined
      try {
        return run(entered.engine)
      } catch (thrown) {
        if (typeof thrown === 'string') throw fault(thrown)
        // Out of use before anything else is called: what trapped may be the stack at its end.
        running = undefined
        throw trap(entered, thrown)
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
