import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { type Database, DatabaseError, type Row, type SqlValue } from '@quintet/client'
import { databaseErrorOf, isBusy } from './sqlite-error.ts'

/** Statements kept prepared; the core has fewer. */
const maxStatements = 512

/**
 * The SQLite database at `path`, owned by this process until it is closed or the process ends, however it ends.
 *
 * `in-use` when another process owns it. Throws `DatabaseError` when it cannot be opened. The file is made with mode 0600.
 */
export function openDatabase(path: string): Database | 'in-use' {
  let sqlite: DatabaseSync | undefined
  try {
    if (path !== ':memory:') makePrivate(path)
    sqlite = new DatabaseSync(path, { timeout: 0 })
    // First of all, or a WAL database cannot be opened again (DESIGN 6). The lock itself comes with the first access.
    sqlite.exec('pragma locking_mode = exclusive')
    sqlite.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on')
    sqlite.exec('pragma temp_store = memory; begin exclusive; commit')
    return over(sqlite)
  } catch (error) {
    if (sqlite?.isOpen === true) sqlite.close()
    if (isBusy(error)) return 'in-use'
    throw databaseErrorOf(error)
  }
}

/** As `openDatabase`, for who owns the folder anyway; a database in use is a failure. */
export function nodeDatabase(path: string): Database {
  const database = openDatabase(path)
  if (database === 'in-use') throw new DatabaseError('failed', 'the database is in use by another process')
  return database
}

/** SQLite gives its WAL the mode of the database file. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

/** node:sqlite refuses integers beyond 2^53 unless it is asked for `bigint`, which nobody here does. */
function parseRow(row: Record<string, SQLOutputValue>): Row {
  return row as Row
}

function over(sqlite: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>()

  function prepared(sql: string): StatementSync {
    const kept = statements.get(sql)
    if (kept !== undefined) return kept
    const made = sqlite.prepare(sql)
    statements.set(sql, made)
    if (statements.size > maxStatements) {
      const oldest = statements.keys().next()
      if (oldest.done !== true) statements.delete(oldest.value)
    }
    return made
  }
  function attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw databaseErrorOf(error)
    }
  }
  function undo(): void {
    // Some failures (a full disk) have rolled back already.
    if (sqlite.isOpen && sqlite.isTransaction) attempt(() => sqlite.exec('rollback'))
  }

  return {
    run: (sql, ...params: readonly SqlValue[]) => attempt(() => Number(prepared(sql).run(...params).changes)),
    get: (sql, ...params: readonly SqlValue[]) =>
      attempt(() => {
        const row = prepared(sql).get(...params)
        return row === undefined ? undefined : parseRow(row)
      }),
    all: (sql, ...params: readonly SqlValue[]) =>
      attempt(() =>
        prepared(sql)
          .all(...params)
          .map(parseRow),
      ),
    script: (sql) => attempt(() => sqlite.exec(sql)),
    transaction(work) {
      attempt(() => sqlite.exec('begin immediate'))
      try {
        const result = work()
        attempt(() => sqlite.exec('commit'))
        return result
      } catch (error) {
        undo()
        throw error
      }
    },
    close() {
      statements.clear()
      if (sqlite.isOpen) attempt(() => sqlite.close())
    },
  }
}
