/** Opens a profile's files past the lock that tabs hold, adds a row, and says how many there are. It keeps them open. */
import { openDatabase } from '../../src/worker/database.ts'
import { openPool } from '../../src/worker/pool.ts'

if (self.name === 'failing') {
  // As a browser whose storage fails for a moment, in the midst of opening the files.
  const handles = FileSystemFileHandle.prototype as unknown as Record<'createSyncAccessHandle', () => Promise<unknown>>
  const take = handles.createSyncAccessHandle
  let calls = 0
  handles.createSyncAccessHandle = function (this: unknown) {
    calls += 1
    return calls === 4 ? Promise.reject(new DOMException('not now', 'UnknownError')) : take.call(this as never)
  }
}

try {
  const db = openDatabase(await openPool('.holder'), '/a.db')
  db.script('create table if not exists note (id integer primary key); insert into note default values')
  postMessage({ rows: db.get('select count(*) as n from note')?.['n'] })
} catch (error) {
  postMessage({ fault: error instanceof Error ? error.name : 'thrown' })
}
