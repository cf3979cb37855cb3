import { DatabaseSync } from 'node:sqlite'
import { isDamage } from './database.ts'

/** The database's bytes are not what was written there. */
export class DamagedDataError extends Error {
  override readonly name = 'DamagedDataError'
  readonly code = 'data-damaged'
}

/**
 * Reads the whole database and throws DamagedDataError if its structure does not hold. Writes nothing, into the
 * database's log neither. About 150 MB a second.
 */
export function checkSound(file: string): void {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    const said = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (said !== 'ok') throw new DamagedDataError('its structure does not hold')
  } catch (error) {
    if (isDamage(error)) throw new DamagedDataError(error instanceof Error ? error.message : 'unknown')
    throw error
  } finally {
    db?.close()
  }
}
