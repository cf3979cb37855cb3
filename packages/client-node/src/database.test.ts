import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseContract } from '@quintet/client/ports.contract'
import { afterEach, expect, test } from 'vitest'
import { nodeDatabase, openDatabase } from './database.ts'
import { isBusy } from './sqlite-error.ts'

const folders: string[] = []
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-db-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

databaseContract('node:sqlite', () => {
  const path = join(freshFolder(), 'a.db')
  return { open: () => nodeDatabase(path), remove: () => undefined }
})

function kindOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error instanceof Error && 'kind' in error ? error.kind : error
  }
  return 'no failure'
}

test('the file and its WAL are for their owner alone', () => {
  const path = join(freshFolder(), 'a.db')
  const db = nodeDatabase(path)
  db.script('create table t (x); insert into t values (1)')
  for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600)
  db.close()
})

test('writes are flushed before they count, and erased rows are overwritten', () => {
  const db = nodeDatabase(join(freshFolder(), 'a.db'))
  expect(db.get('pragma synchronous')?.['synchronous']).toBe(2)
  expect(db.get('pragma journal_mode')?.['journal_mode']).toBe('wal')
  expect(db.get('pragma secure_delete')?.['secure_delete']).toBe(1)
  expect(db.get('pragma locking_mode')?.['locking_mode']).toBe('exclusive')
  db.close()
})

test('a second owner in the same process is told that it is in use', () => {
  const path = join(freshFolder(), 'a.db')
  const first = nodeDatabase(path)
  expect(openDatabase(path)).toBe('in-use')
  expect(kindOf(() => nodeDatabase(path))).toBe('failed')
  first.close()
  const second = openDatabase(path)
  if (second === 'in-use') expect.fail('the lock outlived its owner')
  second.close()
})

const holder = `
  import { nodeDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)}
  const db = nodeDatabase(process.argv[1])
  db.script('create table if not exists t (x integer)')
  db.transaction(() => db.run('insert into t values (1)'))
  process.stdout.write('held')
  setInterval(() => undefined, 1000)
`

test('another process waits outside while the owner lives, and gets in as soon as it was killed, with all it wrote', async () => {
  const path = join(freshFolder(), 'a.db')
  const owner = spawn(process.execPath, ['--input-type=module', '-e', holder, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(owner.stdout, 'data')
  expect(openDatabase(path)).toBe('in-use')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const mine = openDatabase(path)
  if (mine === 'in-use') expect.fail('the lock outlived its owner')
  expect(mine.get('select count(*) as n from t')?.['n']).toBe(1)
  mine.close()
})

test('what is no database says damaged, and so does one with a broken page', () => {
  const path = join(freshFolder(), 'a.db')
  writeFileSync(path, 'this is certainly not a database, however long one looks at it. '.repeat(100))
  expect(kindOf(() => nodeDatabase(path))).toBe('damaged')
})

test('a database that cannot grow says full, keeps what it had, and takes more once there is room', () => {
  const db = nodeDatabase(join(freshFolder(), 'a.db'))
  db.script('create table t (x blob)')
  db.run('insert into t values (?)', Uint8Array.of(1))
  db.script('pragma max_page_count = 20')
  const tooMuch = () => db.transaction(() => db.run('insert into t values (?)', new Uint8Array(1_000_000)))
  expect(kindOf(tooMuch)).toBe('full')
  expect(db.get('select count(*) as n from t')?.['n']).toBe(1)
  db.script('pragma max_page_count = 10000')
  tooMuch()
  expect(db.get('select count(*) as n from t')?.['n']).toBe(2)
  db.close()
})

test('a folder that is not there is a failure, not a crash', () => {
  expect(kindOf(() => nodeDatabase(join(freshFolder(), 'nowhere', 'a.db')))).toBe('failed')
})

test('only a lock held elsewhere counts as busy', () => {
  expect(isBusy(Object.assign(new Error('locked'), { errcode: 5 }))).toBe(true)
  expect(isBusy(Object.assign(new Error('busy recovery'), { errcode: 261 }))).toBe(true)
  expect(isBusy(Object.assign(new Error('corrupt'), { errcode: 11 }))).toBe(false)
  expect(isBusy(new Error('anything'))).toBe(false)
})
