import { ClientError, type Database, DatabaseError } from '@quintet/client'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/worker/database.ts'
import type { Pool } from '../../src/worker/pool.ts'
import { chooseRelay } from '../../src/worker/relay.ts'

function kindOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    if (error instanceof ClientError) return error.code
    return error instanceof DatabaseError ? error.kind : error
  }
  return 'no failure'
}

/** What SQLite on OPFS promises besides the port's contract. */
export function storageTests(pool: Pool): void {
  let places = 0
  function withDatabase(work: (db: Database, path: string) => void): void {
    places += 1
    const path = `/storage-${places}.db`
    const db = openDatabase(pool, path)
    try {
      work(db, path)
    } finally {
      db.close()
      for (const file of pool.files.getFileNames()) if (file.startsWith(path)) pool.files.unlink(file)
    }
  }

  test('writes are flushed before they count, and erased rows are overwritten', () => {
    withDatabase((db) => {
      expect(db.get('pragma synchronous')?.['synchronous']).toBe(2)
      expect(db.get('pragma journal_mode')?.['journal_mode']).toBe('wal')
      expect(db.get('pragma secure_delete')?.['secure_delete']).toBe(1)
      expect(db.get('pragma locking_mode')?.['locking_mode']).toBe('exclusive')
    })
  })

  test('a database that cannot grow says full, keeps what it had, and takes more once there is room', () => {
    withDatabase((db) => {
      db.script('create table t (x blob)')
      db.run('insert into t values (?)', Uint8Array.of(1))
      db.script('pragma max_page_count = 20')
      const tooMuch = () => db.transaction(() => db.run('insert into t values (?)', new Uint8Array(1_000_000)))
      expect(kindOf(tooMuch)).toBe('full')
      expect(db.get('select count(*) as n from t')?.['n']).toBe(1)
      db.script('pragma max_page_count = 10000')
      tooMuch()
      expect(db.get('select count(*) as n from t')?.['n']).toBe(2)
    })
  })

  test('a database with a broken page says damaged', () => {
    withDatabase((db, path) => {
      db.script('create table t (x); insert into t values (1)')
      db.close()
      const bytes = pool.files.exportFile(path)
      bytes.fill(0xa5, 100)
      // Of bytes it is made at once; only a stream is waited for.
      void pool.files.importDb(path, bytes)
      expect(kindOf(() => openDatabase(pool, path).all('select * from t'))).toBe('damaged')
    })
  })

  test('statements beyond those kept prepared still run', () => {
    withDatabase((db) => {
      for (let n = 0; n < 1_200; n++) expect(db.get(`select ${n} as n`)?.['n']).toBe(n)
      expect(db.get('select 0 as n')?.['n']).toBe(0)
    })
  })

  test('the relay is kept, and fixed as soon as there is an account', () => {
    withDatabase((db) => {
      const home = 'https://app.example.org'
      expect(chooseRelay(db, undefined, home)).toBe(home)
      expect(chooseRelay(db, 'https://CHAT.example.org:443/', home)).toBe('https://chat.example.org')
      expect(chooseRelay(db, undefined, home)).toBe('https://chat.example.org')
      db.script("create table meta (key text, value any); insert into meta values ('account', 'somebody')")
      expect(chooseRelay(db, 'https://chat.example.org', home)).toBe('https://chat.example.org')
      for (const other of [
        'https://other.example.org',
        'chat',
        'ftp://chat.example.org',
        'https://a:b@chat.example.org',
      ])
        expect(kindOf(() => chooseRelay(db, other, home))).toBe('other-relay')
      expect(chooseRelay(db, undefined, home)).toBe('https://chat.example.org')
    })
  })
}
