import type { VerifyFn } from '@quintet/identity'

/** Time as the relay sees it. `after` calls back once; the returned function takes it back. */
export interface RelayClock {
  now(): number
  after(ms: number, task: () => void): () => void
  /** Whether the clock has lately gone by leaps: then nothing is deleted for its age. */
  doubted?(): boolean
}

/** What the relay asks of the machine that it runs on. */
export interface RelayRuntime {
  readonly clock: RelayClock
  /** Cryptographically random bytes. */
  random(length: number): Uint8Array
  sha256(bytes: Uint8Array): Uint8Array
  /**
   * The machine's own Ed25519, in the place of the library's, which takes ten times as long and leaves garbage.
   * The devices check the same signatures with the library: it must take none of protocol/vectors/signatures.json that
   * is not valid.
   */
  readonly verifyEd25519?: VerifyFn
}

/** One device's socket. */
export interface RelaySocket {
  send(bytes: Uint8Array): void
  close(): void
  /** Ends it at once, whatever the network has not taken yet. */
  terminate?(): void
  /** Bytes handed to `send` that the network has not taken yet. */
  bufferedBytes(): number
  /** Reads no further, or goes on reading. */
  hold?(on: boolean): void
  /** The network address that limits count by. */
  readonly address: string
}

/** What the relay says of its work: names and counts, never ids, handles or addresses. */
export interface RelayObserver {
  count(what: RelayCount, by?: number): void
  /** One command of a device: how long until its answer, and `done` or the refusal's code. */
  answered(call: string, outcome: string, ms: number): void
  fault(what: string, error: unknown): void
}

export type RelayCount =
  | 'connections-opened'
  | 'connections-closed'
  | 'frames-malformed'
  | 'entries-taken'
  | 'entries-pushed'
  | 'entries-trimmed'
  | 'slow-readers-closed'
  | 'rate-limited'

export const silentObserver: RelayObserver = { count() {}, answered() {}, fault() {} }
