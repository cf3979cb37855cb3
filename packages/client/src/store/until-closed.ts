import type { Database } from '../ports.ts'

/**
 * The same database until it is closed. What still runs then and wants to look something up is told so by `late`, an
 * error that it expects: an app may be closed in the middle of anything.
 */
export function untilClosed(db: Database, late: () => Error): Database {
  let closed = false
  const open = (): Database => {
    if (closed) throw late()
    return db
  }
  return {
    run: (sql, ...params) => open().run(sql, ...params),
    get: (sql, ...params) => open().get(sql, ...params),
    all: (sql, ...params) => open().all(sql, ...params),
    script: (sql) => open().script(sql),
    transaction: (work) => open().transaction(work),
    close() {
      closed = true
      db.close()
    },
  }
}
