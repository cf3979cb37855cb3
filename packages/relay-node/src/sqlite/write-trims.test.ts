import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, int } from './database.ts'
import { Keys } from './keys.ts'
import { migrate, openForWriting } from './open-database.ts'
import { beginTrims, forgetEntries } from './write-trims.ts'
import { parseChatBytes } from '@quintet/domain'

let folder: string
let db: Database
const chat = parseChatBytes(new Uint8Array(32).fill(1)) ?? expect.unreachable()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-trims-'))
  db = openForWriting(join(folder, 'relay.db'))
  migrate(db)
  const hash = new Uint8Array(32)
  db.run(
    'INSERT INTO chats (key, id, kind, suite, epoch, head_seq, head_at_ms, head_hash) VALUES (7, ?, 3, 1, 1, 1, 1, ?)',
    new Uint8Array(32).fill(1),
    hash,
  )
})

afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** `n` = 0: a commit. */
function put(key: number, of: number, seq: number, n: number): void {
  db.run(
    `INSERT INTO entries (key, chat, seq, device, n, content, at_ms, epoch, at_before_ms, hash_before, message)
     VALUES (?, ?, ?, 1, ?, 1, 1, 1, 1, ?, ?)`,
    key,
    of,
    seq,
    n,
    new Uint8Array(32),
    new Uint8Array(9),
  )
}
const kept = () => db.all('SELECT key FROM entries ORDER BY key').map((row) => int(row, 'key'))

test('what a trim gives up is named first and forgotten bite by bite; commits and younger messages stay', () => {
  const context = { db, keys: new Keys(db), heads: new Map<number, number>() }
  for (let seq = 1; seq <= 6; seq++) put(10 + seq, 7, seq, seq === 1 ? 0 : seq)
  const [given = new Float64Array()] = beginTrims(context, { trims: [{ chat, seq: 4 }] })
  expect([...given].sort()).toEqual([12, 13, 14])
  expect(kept()).toEqual([11, 12, 13, 14, 15, 16])
  forgetEntries(context, { entries: given.slice(0, 1) })
  forgetEntries(context, { entries: given.slice(1) })
  expect(kept()).toEqual([11, 15, 16])
})

test('what a crash left of a trim is named again by the next', () => {
  const context = { db, keys: new Keys(db), heads: new Map<number, number>() }
  for (let seq = 2; seq <= 4; seq++) put(10 + seq, 7, seq, seq)
  beginTrims(context, { trims: [{ chat, seq: 2 }] })
  const [given = new Float64Array()] = beginTrims(context, { trims: [{ chat, seq: 3 }] })
  expect([...given].sort()).toEqual([12, 13])
})

test('a key that has come to mean another entry takes nothing away', () => {
  const context = { db, keys: new Keys(db), heads: new Map<number, number>() }
  put(12, 7, 2, 1)
  const [given = new Float64Array()] = beginTrims(context, { trims: [{ chat, seq: 2 }] })
  db.run('DELETE FROM entries')
  put(12, 7, 3, 2)
  put(13, 8, 1, 1)
  forgetEntries(context, { entries: Float64Array.of(...given, 13) })
  expect(kept()).toEqual([12, 13])
})
