import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { StoreError } from '@quintet/relay/store'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** One connection with its statements prepared once. */
export class Database {
  private readonly connection: DatabaseSync
  private readonly statements = new Map<string, StatementSync>()

  constructor(connection: DatabaseSync) {
    this.connection = connection
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql)
    if (known) return known
    const prepared = this.connection.prepare(sql)
    this.statements.set(sql, prepared)
    return prepared
  }

  /** Returns how many rows it changed, and the key of a row that it inserted. */
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly key: number } {
    const { changes, lastInsertRowid } = this.statement(sql).run(...values)
    return { changes: Number(changes), key: Number(lastInsertRowid) }
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...values)
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.statement(sql).all(...values)
  }

  exec(sql: string): void {
    this.connection.exec(sql)
  }

  close(): void {
    this.connection.close()
  }
}

/** Columns as what the schema says they are; anything else is a damaged database. */
export function int(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new StoreError('unavailable', `column ${column}`)
  return value
}

export function blob(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new StoreError('unavailable', `column ${column}`)
  return value
}

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new StoreError('unavailable', `column ${column}`)
  return value
}

export function maybe<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | undefined {
  return row[column] === null ? undefined : read(row, column)
}

/** SQLite's own number for what went wrong, without the finer part; 0 for anything else. */
export function sqliteCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

/** Bytes of the database are not what was written there. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(sqliteCode(error))

const codes: Readonly<Record<number, 'full' | 'conflict'>> = { 13: 'full', 19: 'conflict' }

/** What SQLite says, in the port's words. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const detail = error instanceof Error ? error.message : 'unknown'
  return new StoreError(codes[sqliteCode(error)] ?? 'unavailable', detail)
}
