import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Database, Row, SqlValue } from '../src/ports.ts'
import { migrate } from '../src/store/migrate.ts'

/** A database in memory with the current schema. */
export function createDatabase(): Database {
  const db = emptyDatabase()
  migrate(db)
  return db
}

/** A database in memory without any table. */
export function emptyDatabase(): Database {
  const inner = new DatabaseSync(':memory:')
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = inner.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    run: (sql, ...params) => Number(prepared(sql).run(...params).changes),
    get: (sql, ...params) => {
      const row = prepared(sql).get(...params)
      return row === undefined ? undefined : parseRow(row)
    },
    all: (sql, ...params) =>
      prepared(sql)
        .all(...params)
        .map(parseRow),
    script: (sql) => inner.exec(sql),
    transaction: (work) => {
      inner.exec('begin immediate')
      try {
        const result = work()
        inner.exec('commit')
        return result
      } catch (error) {
        inner.exec('rollback')
        throw error
      }
    },
    close: () => inner.close(),
  }
}

function parseRow(row: Record<string, SqlValue | bigint>): Row {
  return row as Row
}
