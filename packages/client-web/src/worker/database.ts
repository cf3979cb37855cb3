import { type Database, DatabaseError, type Row, type SqlValue } from '@quintet/client'
import type { Database as Sqlite, PreparedStatement } from '@sqlite.org/sqlite-wasm'
import type { Pool } from './pool.ts'
import { databaseErrorOf } from './sqlite-error.ts'

/** Statements kept prepared; the core has fewer. */
const maxStatements = 512

/** The database at `path` within the pool; made if it is not there. Throws `DatabaseError` when it cannot be opened. */
export function openDatabase(pool: Pool, path: string): Database {
  let sqlite: Sqlite | undefined
  pool.takeFull()
  try {
    sqlite = new pool.files.OpfsSAHPoolDb(path)
    // First of all, or a WAL database cannot be opened again (DESIGN 6).
    sqlite.exec('pragma locking_mode = exclusive')
    sqlite.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on')
    sqlite.exec('pragma temp_store = memory; begin exclusive; commit')
    return over(pool, sqlite)
  } catch (error) {
    sqlite?.close()
    throw databaseErrorOf(error, pool.takeFull())
  }
}

/** SQLite gives integers beyond 2^53 as bigint; none of our tables holds any. */
function parseValue(value: unknown): SqlValue {
  if (typeof value === 'string' || typeof value === 'number' || value === null || value instanceof Uint8Array)
    return value
  throw new DatabaseError('failed', 'a value beyond what the tables hold')
}

function parseRow(statement: PreparedStatement): Row {
  return Object.fromEntries(statement.getColumnNames().map((name, at) => [name, parseValue(statement.get(at))]))
}

function over(pool: Pool, sqlite: Sqlite): Database {
  const { capi } = pool.sqlite
  const statements = new Map<string, PreparedStatement>()

  function attempt<T>(work: () => T): T {
    pool.takeFull()
    try {
      return work()
    } catch (error) {
      throw databaseErrorOf(error, pool.takeFull())
    }
  }
  function forget(sql: string): void {
    statements.get(sql)?.finalize()
    statements.delete(sql)
  }
  function prepared(sql: string): PreparedStatement {
    const kept = statements.get(sql)
    if (kept !== undefined) return kept
    const made = sqlite.prepare(sql)
    statements.set(sql, made)
    const [oldest] = statements.keys()
    if (statements.size > maxStatements && oldest !== undefined) forget(oldest)
    return made
  }
  /** Runs it and reads with `read`; afterwards it stands at its beginning, and holds neither locks nor values. */
  function using<T>(sql: string, params: readonly SqlValue[], read: (statement: PreparedStatement) => T): T {
    return attempt(() => {
      try {
        const statement = prepared(sql)
        for (const [at, value] of params.entries()) statement.bind(at + 1, value)
        const result = read(statement)
        statement.reset(true)
        return result
      } catch (error) {
        // To reset a statement that failed is to fail again.
        forget(sql)
        throw error
      }
    })
  }
  function rows(statement: PreparedStatement): readonly Row[] {
    const found: Row[] = []
    while (statement.step()) found.push(parseRow(statement))
    return found
  }
  function undo(): void {
    // Some failures (a full disk) have rolled back already.
    if (sqlite.pointer !== undefined && capi.sqlite3_get_autocommit(sqlite) === 0)
      attempt(() => sqlite.exec('rollback'))
  }

  return {
    run: (sql, ...params) =>
      using(sql, params, (statement) => {
        while (statement.step());
        return sqlite.changes()
      }),
    get: (sql, ...params) => using(sql, params, (statement) => (statement.step() ? parseRow(statement) : undefined)),
    all: (sql, ...params) => using(sql, params, rows),
    script: (sql) => attempt(() => void sqlite.exec(sql)),
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
      for (const sql of [...statements.keys()]) forget(sql)
      if (sqlite.isOpen()) attempt(() => sqlite.close())
    },
  }
}
