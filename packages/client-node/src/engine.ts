import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadEngine } from '@quintet/client'
import { loadMlsEngine } from '@quintet/crypto'

/** Compiled at first use and kept: every profile in this process shares the code, none the state. */
let compiled: WebAssembly.Module | undefined

/** In a bundle the engine lies beside it; in the checkout, in its package. */
function enginePath(): string {
  const beside = fileURLToPath(new URL('./quintet_mls.wasm', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(import.meta.resolve('@quintet/crypto/quintet_mls.wasm'))
}

/** Makes MLS engines; reads and compiles the WebAssembly when the first one is asked for. */
export function nodeEngineLoader(): LoadEngine {
  return (rows, nowSeconds) => {
    compiled ??= new WebAssembly.Module(readFileSync(enginePath()))
    return loadMlsEngine(compiled, rows, { ...(nowSeconds && { nowSeconds }) })
  }
}
