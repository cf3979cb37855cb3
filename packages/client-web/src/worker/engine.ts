import { ClientError, type LoadEngine } from '@quintet/client'
import { loadMlsEngine } from '@quintet/crypto'
import { must } from '../assert.ts'

/** The MLS engine, compiled while the first screen is drawn from the database. */
export interface WebEngine {
  /** Resolves when `load` may be called; fetches anew after a failure. Fails with `offline`. */
  ready(): Promise<void>
  readonly load: LoadEngine
}

/** Begins to fetch the WebAssembly at `url`, an absolute address, at once. */
export function webEngine(url: string): WebEngine {
  let module: WebAssembly.Module | undefined
  let compiling: Promise<void> | undefined
  const compile = async () => {
    try {
      module = await WebAssembly.compileStreaming(fetch(url))
    } catch {
      compiling = undefined
      throw new ClientError('offline', 'A part of Quintet could not be loaded. Check the connection and try again.')
    }
  }
  const ready = () => {
    compiling ??= compile()
    return compiling
  }
  ready().catch(() => undefined)
  return {
    ready,
    load: (rows, nowSeconds) =>
      loadMlsEngine(must(module, 'ready was waited for'), rows, { ...(nowSeconds && { nowSeconds }) }),
  }
}
