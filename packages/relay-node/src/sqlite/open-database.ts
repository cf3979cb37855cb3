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
  const version = int(db.get('PRAGMA user_version') ?? {}, 'user_version')
  if (version > migrations.length) throw new NewerDataError('the data folder is from a newer version')
  migrations.slice(version).forEach((sql, step) => {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version + step + 1}; COMMIT`)
  })
}
