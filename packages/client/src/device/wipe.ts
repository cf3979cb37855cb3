import type { Database } from '../ports.ts'
import { textOf } from '../store/row.ts'

/** Erases everything that this profile holds; the schema stays. The file is for the platform to delete. */
export function wipe(db: Database): void {
  db.transaction(() => {
    const tables = db.all("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    for (const row of tables) db.run(`delete from "${textOf(row, 'name').replaceAll('"', '""')}"`)
  })
}
