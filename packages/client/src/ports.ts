import type { EngineRows, MlsEngine } from '@quintet/crypto'
import type { SignFn } from '@quintet/identity'

/** What SQLite holds. Integers beyond 2^53 never occur in our tables. */
export type SqlValue = string | number | Uint8Array | null
export type Row = Readonly<Record<string, SqlValue>>

/**
 * One SQLite database, synchronous, owned by one process (DESIGN 6).
 *
 * Every failure throws `DatabaseError`; nothing of a failed transaction stays.
 */
export interface Database {
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, ...params: readonly SqlValue[]): number
  get(sql: string, ...params: readonly SqlValue[]): Row | undefined
  all(sql: string, ...params: readonly SqlValue[]): readonly Row[]
  /** Several statements without parameters: migrations. */
  script(sql: string): void
  /** BEGIN IMMEDIATE … COMMIT, rolled back when `work` throws. Not nested. */
  transaction<T>(work: () => T): T
  close(): void
}

/**
 * `full`: no space; `unwritable`: the disk refuses, or breaks; `damaged`: SQLite says corrupt or not a database; `newer`:
 * from a later version; `failed`: anything else.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly kind: 'full' | 'unwritable' | 'damaged' | 'newer' | 'failed'
  constructor(kind: DatabaseError['kind'], detail: string) {
    super(detail)
    this.kind = kind
  }
}

/** A socket to the relay: whole binary frames. `closed` is told once, also when it never opened. */
export interface Transport {
  open(url: string, on: { opened(): void; frame(bytes: Uint8Array): void; closed(): void }): Socket
}
export interface Socket {
  send(bytes: Uint8Array): void
  close(): void
}

export interface Clock {
  /** Milliseconds since 1970, as the machine believes: a year off, or set while the app runs. */
  now(): number
  /** Milliseconds since some moment, which nobody can set: for how long something takes. Without it, `now`. */
  steady?(): number
  /** Calls `task` once after `ms`; answers how to cancel it. */
  after(ms: number, task: () => void): () => void
}

export interface Random {
  bytes(length: number): Uint8Array
}

/** Makes the MLS engine over the rows of this profile; called when a chat is first opened, since loading takes ms. `nowSeconds`: the time that lifetimes are made and judged by. */
export type LoadEngine = (rows: EngineRows, nowSeconds?: () => bigint) => MlsEngine

/** Signs with an Ed25519 secret of 32 bytes (RFC 8032: the same signature as any other implementation's). */
export type MakeSigner = (secret: Uint8Array) => SignFn

/** Everything the core needs of a platform. */
export interface Platform {
  readonly database: Database
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly loadEngine: LoadEngine
  /** The platform's own, where it has one: it need not warm up as code in JavaScript does. */
  readonly makeSigner?: MakeSigner
  /** "Linux", "Chromium on Android": shown to whoever approves this device. */
  readonly name: string
}
