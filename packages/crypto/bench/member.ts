import { loadMlsEngine } from '../src/mls/load.ts'
import type { MlsEngine, Suite } from '../src/mls-engine.ts'

const utf8 = new TextEncoder()
/** 84 days (K1). */
const lifetime = 84n * 86_400n

const keyOf = (key: Uint8Array): string => String.fromCharCode(...key)

/** A device's engine over rows in memory. Needs nothing that only one runtime has. */
export class Member {
  readonly engine: MlsEngine
  private readonly rows = new Map<string, Uint8Array>()

  constructor(module: WebAssembly.Module, name: string) {
    this.engine = loadMlsEngine(module, { read: (key) => this.rows.get(keyOf(key))?.slice() })
    this.becomes(name)
  }

  /** From now on it acts as a device of that name, with a signature key of its own. */
  becomes(name: string): void {
    this.engine.useIdentity(this.engine.createSigner(), utf8.encode(name.padEnd(56, '.')))
    this.save()
  }

  keyPackage(suite: Suite): Uint8Array {
    const made = this.engine.createKeyPackages(suite, 1, lifetime, false)[0]
    this.save()
    return made?.bytes ?? new Uint8Array()
  }

  /** Writes what the engine changed, and answers how many bytes that were, keys included. */
  save(): number {
    let written = 0
    for (const { key, value } of this.engine.takeChanges()) {
      if (value) this.rows.set(keyOf(key), value)
      else this.rows.delete(keyOf(key))
      written += key.length + (value?.length ?? 0)
    }
    return written
  }

  storedBytes(): number {
    let bytes = 0
    for (const [key, value] of this.rows) bytes += key.length + value.length
    return bytes
  }
}
