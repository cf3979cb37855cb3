import { type Database, DatabaseError } from '../ports.ts'
import { migrations } from './migrations.ts'
import { numberOf } from './row.ts'

/**
 * Brings the schema up to date, one transaction per step; `user_version` counts the steps taken.
 *
 * Throws DatabaseError `newer` for a database of a later version, and has then changed nothing.
 */
export function migrate(db: Database): void {
  const row = db.get('pragma user_version')
  const done = row === undefined ? 0 : numberOf(row, 'user_version')
  if (done > migrations.length) throw new DatabaseError('newer', 'the database was written by a later version')
  for (const [at, step] of migrations.entries()) {
    if (at < done) continue
    db.transaction(() => {
      db.script(step)
      db.script(`pragma user_version = ${at + 1}`)
    })
  }
}
