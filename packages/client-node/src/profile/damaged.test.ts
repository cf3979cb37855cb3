import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClientError } from '@quintet/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDatabase } from '../database.ts'
import { profileFiles } from './folder.ts'
import { openProfile } from './open.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-damaged-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Nobody answers there. */
const relay = 'http://127.0.0.1:9'

/** A profile with enough in it that pages of all kinds are there. */
async function profile(): Promise<string> {
  await (await openProfile({ dir: folder, relay })).close()
  const { database } = profileFiles(folder)
  const db = nodeDatabase(database)
  db.transaction(() => {
    for (let n = 0; n < 400; n++)
      db.run(
        'insert into mls (key, value) values (?, ?)',
        new Uint8Array([n >> 8, n & 255]),
        new Uint8Array(700).fill(n),
      )
  })
  db.close()
  return database
}

async function refusal(): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await (await openProfile({ dir: folder })).close()
  } catch (error) {
    if (error instanceof ClientError) return error
    throw error
  }
  return { code: 'opened', message: '' }
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

const pageBytes = 4_096
const noise = (length: number) => Uint8Array.from({ length }, (_, n) => (n * 151 + 7) & 255)

test.each([
  ['its first page overwritten', (path: string) => overwrite(path, 0, noise(pageBytes))],
  ['its schema overwritten', (path: string) => overwrite(path, 100, noise(2_000))],
  ['pages in the middle overwritten', (path: string) => overwrite(path, 20 * pageBytes, noise(30 * pageBytes))],
  [
    'its end cut off',
    (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2 / pageBytes) * pageBytes),
  ],
  ['half a page of it left', (path: string) => truncateSync(path, 2_000)],
  ['something else in its place', (path: string) => writeFileSync(path, 'a photo, perhaps '.repeat(9_000))],
])('a database with %s is refused in words that say what to do, and nothing is written over it', async (_, harm) => {
  const path = await profile()
  harm(path)
  const before = readFileSync(path)
  const { code, message } = await refusal()
  expect(code).toBe('damaged')
  expect(message).toMatch(/unlink this one|link it again|recover/i)
  expect(readFileSync(path).equals(before)).toBe(true)
  expect((await refusal()).code).toBe('damaged')
})

test('a schema step that fails leaves the database as it was, and is refused', async () => {
  const path = await profile()
  const db = nodeDatabase(path)
  // As an older version would have left it, and with something in the way of the step.
  db.script('pragma user_version = 0')
  const rows = db.get('select count(*) as n from mls')?.['n']
  db.close()
  expect(['damaged', 'profile-unwritable']).toContain((await refusal()).code)
  const after = nodeDatabase(path)
  expect(after.get('select count(*) as n from mls')?.['n']).toBe(rows)
  expect(after.get('pragma user_version')?.['user_version']).toBe(0)
  after.close()
})
