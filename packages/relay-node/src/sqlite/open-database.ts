import { DatabaseSync } from 'node:sqlite'
import { Database, int } from './database.ts'
import { migrations } from './schema.ts'

export class NewerDataError extends Error {
  override readonly name = 'NewerDataError'
  readonly code = 'data-newer'
}

export interface DatabaseOptions {
  /** Tests make a small disk by it: pages of 4 KiB. */
  readonly maxPages?: number
}

/** Opens for writing: WAL, and every commit on the disk before it counts. */
export function openForWriting(file: string, { maxPages }: DatabaseOptions = {}): Database {
  const connection = new DatabaseSync(file, { timeout: 5000 })
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
  connection.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY')
  if (maxPages !== undefined) connection.exec(`PRAGMA max_page_count = ${maxPages}`)
  return new Database(connection)
}

export function openForReading(file: string): Database {
  const connection = new DatabaseSync(file, { timeout: 5000, readOnly: true })
  connection.exec('PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY')
  return new Database(connection)
}

/** A sign-up that a crash cut short had taken its handle already: such handles are free again. Only for the relay itself, before it serves. */
export function freeUnusedHandles(db: Database): void {
  db.exec('DELETE FROM handles WHERE free_at_ms IS NULL AND account NOT IN (SELECT id FROM accounts)')
}

/** Brings the schema up to date; throws NewerDataError when a newer Quintet has written here. */
export function migrate(db: Database): void {
  if (versionOf(db) === migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Read again: another process may have been first.
    for (const sql of migrations.slice(versionOf(db))) db.exec(sql)
    db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

function versionOf(db: Database): number {
  const version = int(db.get('PRAGMA user_version') ?? {}, 'user_version')
  if (version > migrations.length) throw new NewerDataError('the data folder is from a newer version')
  return version
}
