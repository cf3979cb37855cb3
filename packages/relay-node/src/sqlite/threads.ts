import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { StoreError } from '@quintet/relay/store'
import { Backlog } from './backlog.ts'
import { packBatch, type PackedOutcome, unpackOutcome, type Work } from './batch.ts'
import type {
  Outcome,
  ReadArgument,
  ReadName,
  ReadResult,
  WriteArgument,
  WriteName,
  WriteResult,
} from './operations.ts'
import { DamagedDataError } from './soundness.ts'
import type { Append } from './write-chats.ts'

/** Beside this file as source, beside the bundle once built. */
const built = !import.meta.url.endsWith('.ts')
export const workerUrl = (name: string): URL =>
  new URL(built ? `./${name}.js` : `../workers/${name}.ts`, import.meta.url)

interface Waiting {
  readonly work: Work
  readonly settle: (outcome: Outcome) => void
}

/** Called when a thread ends that nobody closed, from when on the store refuses; and when it meets damaged data. */
type OnBroken = (error: unknown) => void

function tellDamage(outcome: PackedOutcome, onBroken: OnBroken): void {
  if (outcome !== 0 && !outcome.ok && outcome.damaged) onBroken(new DamagedDataError(outcome.detail))
}

const dead: Outcome = { ok: false, code: 'unavailable', detail: 'the store is closed' }
const maxBatch = 2000

/**
 * The writing thread: what arrives while a batch is flushed makes the next one. Settles in the order of the calls;
 * those that give way may be overtaken by the others.
 */
export class WriteThread {
  private readonly worker: Worker
  private next: Waiting[] = []
  private readonly backlog = new Backlog<Waiting>()
  private running: Waiting[] | undefined
  private closed = false
  private readonly onBroken: OnBroken

  constructor(file: string, maxPages: number | undefined, onBroken: OnBroken) {
    this.worker = new Worker(workerUrl('relay-store-writer'), { workerData: { file, maxPages } })
    this.onBroken = onBroken
    this.worker.on('message', (outcomes: readonly PackedOutcome[]) => this.settled(outcomes))
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(undefined))
  }

  write<K extends WriteName>(name: K, argument: WriteArgument<K>): Promise<WriteResult<K>> {
    return this.queue({ name, argument })
  }

  append(append: Append): Promise<void> {
    return this.queue(append)
  }

  /** A write that no device waits for. `rows`: about how many it changes. */
  later<K extends WriteName>(name: K, argument: WriteArgument<K>, rows: number): Promise<WriteResult<K>> {
    return this.queue({ name, argument }, rows)
  }

  private queue<T>(work: Work, rows?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => settleWith(outcome, resolve, reject)
      if (this.closed) return settle(dead)
      if (rows === undefined) this.next.push({ work, settle })
      else this.backlog.push({ work, settle }, rows)
      if (this.running === undefined) queueMicrotask(() => this.flush())
    })
  }

  private flush(): void {
    if (this.running !== undefined) return
    const urgent = this.next.splice(0, maxBatch)
    const running = [...urgent, ...this.backlog.take(urgent.length)]
    if (running.length === 0) return
    this.running = running
    const batch = packBatch(
      running.map(({ work }) => work),
      urgent.length > 0,
    )
    this.worker.postMessage(batch, [batch.entries.bytes.buffer])
  }

  private settled(outcomes: readonly PackedOutcome[]): void {
    const batch = this.running ?? []
    this.running = undefined
    this.flush()
    for (const outcome of outcomes) tellDamage(outcome, this.onBroken)
    batch.forEach(({ settle }, at) => void settle(unpackOutcome(outcomes[at] ?? dead)))
  }

  /** Resolves when all that was asked for so far is settled, what gives way apart. */
  flushed(): Promise<void> {
    return settled(this.next.at(-1) ?? this.running?.at(-1))
  }

  private fail(error: unknown): void {
    if (!this.closed) this.onBroken(error)
    this.closed = true
    for (const { settle } of [...(this.running ?? []), ...this.next, ...this.backlog.clear()]) settle(dead)
    this.running = undefined
    this.next = []
  }

  async close(): Promise<void> {
    await this.flushed()
    await settled(this.backlog.last)
    if (this.closed) return
    this.closed = true
    this.worker.postMessage('close')
    await once(this.worker, 'exit')
  }
}

/** Resolves when it has been. */
function settled(waiting: Waiting | undefined): Promise<void> {
  if (waiting === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    const { settle } = waiting
    Object.assign(waiting, {
      settle: (outcome: Outcome) => {
        settle(outcome)
        resolve()
      },
    })
  })
}

/** The reading thread. */
export class ReadThread {
  private readonly worker: Worker
  private readonly waiting = new Map<number, (outcome: Outcome) => void>()
  private id = 0
  private closed = false
  private readonly onBroken: OnBroken

  constructor(file: string, onBroken: OnBroken) {
    this.worker = new Worker(workerUrl('relay-store-reader'), { workerData: { file } })
    this.onBroken = onBroken
    this.worker.on('message', ({ id, outcome }: { id: number; outcome: Outcome }) => {
      const settle = this.waiting.get(id)
      this.waiting.delete(id)
      tellDamage(outcome, this.onBroken)
      settle?.(outcome)
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(undefined))
  }

  read<K extends ReadName>(name: K, argument: ReadArgument<K>): Promise<ReadResult<K>> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => settleWith(outcome, resolve, reject)
      if (this.closed) return settle(dead)
      const id = ++this.id
      this.waiting.set(id, settle)
      this.worker.postMessage({ id, call: { name, argument } })
    })
  }

  private fail(error: unknown): void {
    if (!this.closed) this.onBroken(error)
    this.closed = true
    for (const settle of this.waiting.values()) settle(dead)
    this.waiting.clear()
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.worker.postMessage('close')
    await once(this.worker, 'exit')
  }
}

/** The types hold because the name picked the operation at both ends. */
function settleWith<T>(outcome: Outcome, resolve: (value: T) => void, reject: (error: StoreError) => void): void {
  if (outcome.ok) resolve(outcome.value as T)
  else reject(new StoreError(outcome.code, outcome.detail))
}
