import { readFileSync } from 'node:fs'
import { type EngineRows, loadMlsEngine, type MlsEngine, type MlsEngineOptions, type Suite } from '@quintet/crypto'

const text = new TextEncoder()
let compiled: WebAssembly.Module | undefined

/** The committed module, compiled once per process. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../wasm/quintet_mls.wasm', import.meta.url)))
  return compiled
}

export const bytes = (plain: string): Uint8Array => text.encode(plain)
export const plain = (sealed: Uint8Array): string => new TextDecoder().decode(sealed)
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')

/** 84 days (K1). */
export const lifetime = 84n * 86_400n

const noAad = new Uint8Array()
export const emptyPlan = { addKeyPackages: [], removeLeaves: [], policy: undefined, aad: noAad }

/** The rows of one device's database: what was written and committed, and nothing else. */
export class Rows implements EngineRows {
  readonly #rows = new Map<string, Uint8Array>()

  read(key: Uint8Array): Uint8Array | undefined {
    return this.#rows.get(hex(key))?.slice()
  }
  /** Writes what the engine changed; gives the bytes that this wrote. */
  commit(engine: MlsEngine): number {
    let written = 0
    for (const { key, value } of engine.takeChanges()) {
      if (value) this.#rows.set(hex(key), value)
      else this.#rows.delete(hex(key))
      written += key.length + (value?.length ?? 0)
    }
    return written
  }
  get size(): number {
    return this.#rows.size
  }
  /** Loses the rows of one kind (`Kind` in crates/mls/src/store.rs), or has another value in them. */
  change(kind: number, value?: Uint8Array): void {
    for (const key of [...this.#rows.keys()]) {
      if (Number.parseInt(key.slice(0, 2), 16) !== kind) continue
      if (value) this.#rows.set(key, value)
      else this.#rows.delete(key)
    }
  }
  /** Spoils every stored row, as a bad disk would. */
  damage(): void {
    for (const [key, value] of this.#rows) this.#rows.set(key, value.slice(0, value.length / 2))
  }
}

/** A device with its engine and rows. */
export interface Device {
  readonly name: string
  readonly rows: Rows
  engine: MlsEngine
  readonly key: Uint8Array
  /** Kills the process and starts it anew: what was not committed is gone. */
  restart(): void
}

/** Makes a device that has its signature key. */
export function device(name: string, options?: MlsEngineOptions): Device {
  const rows = new Rows()
  const engine = loadMlsEngine(engineModule(), rows, options)
  const key = engine.createSigner()
  engine.useIdentity(key, bytes(name))
  rows.commit(engine)
  return {
    name,
    rows,
    engine,
    key,
    restart() {
      this.engine = loadMlsEngine(engineModule(), rows, options)
      this.engine.useIdentity(key, bytes(name))
    },
  }
}

export function keyPackage(of: Device, suite: Suite, lastResort = false): Uint8Array {
  const [made] = of.engine.createKeyPackages(suite, 1, lifetime, lastResort)
  if (!made) throw new Error('no key package')
  of.rows.commit(of.engine)
  return made.bytes
}

/** The creator adds the others in one commit; all of them are in at its epoch. */
export function groupOf(group: Uint8Array, suite: Suite, creator: Device, ...others: readonly Device[]): void {
  creator.engine.createGroup(group, suite, bytes('policy'))
  if (others.length > 0) {
    const made = creator.engine.commit(group, {
      ...emptyPlan,
      addKeyPackages: others.map((other) => keyPackage(other, suite)),
    })
    creator.engine.mergePending(group)
    for (const other of others) join(other, made.welcome)
  }
  creator.rows.commit(creator.engine)
}

export function join(joiner: Device, welcome: Uint8Array | undefined): void {
  if (!welcome) throw new Error('no welcome')
  joiner.engine.acceptJoin(joiner.engine.stageWelcome(welcome).staged)
  joiner.rows.commit(joiner.engine)
}

/** Everyone else merges that commit; its maker merges its own. */
export function everyoneMerges(
  group: Uint8Array,
  commit: Uint8Array,
  maker: Device,
  ...others: readonly Device[]
): void {
  maker.engine.mergePending(group)
  maker.rows.commit(maker.engine)
  for (const other of others) {
    const opened = other.engine.open(group, commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    other.engine.mergeStaged(group, opened.staged)
    other.rows.commit(other.engine)
  }
}

/** What a reader makes of a message: its text, or the code of the refusal. */
export function reading(reader: Device, group: Uint8Array, message: Uint8Array): string {
  try {
    const opened = reader.engine.open(group, message)
    return opened.kind === 'application' ? plain(opened.plaintext) : opened.kind
  } catch (error) {
    return codeOf(error)
  }
}

/** The code of the MlsError that `run` throws; anything else is rethrown. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return codeOf(error)
  }
  return 'no refusal'
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  throw error
}

export function authenticators(group: Uint8Array, ...members: readonly Device[]): readonly string[] {
  return members.map((member) => hex(member.engine.view(group)?.epochAuthenticator ?? new Uint8Array()))
}
