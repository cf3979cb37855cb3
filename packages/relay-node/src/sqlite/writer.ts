import { StoreError } from '@quintet/relay/store'
import { type Database, isDamage, sqliteCode, storeError } from './database.ts'
import { Keys } from './keys.ts'
import { type Call, type Outcome, writeOperations } from './operations.ts'
import type { WriteContext } from './write-accounts.ts'

type Operation = (context: WriteContext, argument: unknown) => unknown
const operations = new Map<string, Operation>(Object.entries(writeOperations as unknown as Record<string, Operation>))

/**
 * Group commit: a batch of calls is one transaction and one flush. A call that finds another state than it expects
 * has changed nothing and fails alone; if anything else goes wrong each is tried by itself, so that one cannot take
 * the others down.
 */
export class Writer {
  private readonly db: Database
  private readonly context: WriteContext
  private durable = true

  constructor(db: Database) {
    this.db = db
    this.context = { db, keys: new Keys(db), heads: new Map() }
  }

  /** What is not `durable` is done when this returns, and on the disk with the next batch that is: the log of the database is one. */
  run(batch: readonly Call[], durable: boolean): readonly Outcome[] {
    this.sync(durable)
    try {
      return this.transaction(() => batch.map((call) => this.attempt(call)))
    } catch (error) {
      if (batch.length === 1) return [failure(error)]
      return batch.map((call) => this.alone(call))
    }
  }

  private sync(durable: boolean): void {
    if (this.durable === durable) return
    this.db.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
    this.durable = durable
  }

  private alone(call: Call): Outcome {
    try {
      return this.transaction(() => this.attempt(call))
    } catch (error) {
      return failure(error)
    }
  }

  /** A conflict is an outcome; everything else ends the transaction. */
  private attempt(call: Call): Outcome {
    const operation = operations.get(call.name)
    if (operation === undefined) throw new StoreError('unavailable', 'no such operation')
    try {
      return { ok: true, value: operation(this.context, call.argument) }
    } catch (error) {
      const outcome = failure(error)
      if (!outcome.ok && outcome.code === 'conflict' && sqliteCode(error) === 0) return outcome
      throw error
    }
  }

  private transaction<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.db.exec('COMMIT')
      return result
    } catch (error) {
      this.rollback()
      throw error
    }
  }

  private rollback(): void {
    this.context.keys.forget()
    this.context.heads.clear()
    try {
      this.db.exec('ROLLBACK')
    } catch {
      // A full disk ends the transaction by itself.
    }
  }
}

/** What an operation's error means to whoever asked for it. */
export function failure(error: unknown): Outcome {
  const { code, message } = storeError(error)
  return { ok: false, code, detail: message, ...(isDamage(error) && { damaged: true }) }
}
