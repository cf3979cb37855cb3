import { readFileSync } from 'node:fs'
import { loadMlsEngine, type MlsEngine } from '@quintet/crypto'
import type { Database } from '../src/ports.ts'
import { blobOf } from '../src/store/row.ts'

let module: WebAssembly.Module | undefined

/** The real engine over the rows of a test's database. */
export function loadTestEngine(db: Database): MlsEngine {
  module ??= new WebAssembly.Module(readFileSync(new URL('../../crypto/wasm/quintet_mls.wasm', import.meta.url)))
  return loadMlsEngine(module, {
    read(key) {
      const row = db.get('select value from mls where key = ?', key)
      return row && blobOf(row, 'value')
    },
  })
}
