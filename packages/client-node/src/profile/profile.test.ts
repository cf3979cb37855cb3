import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClientError } from '@quintet/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDatabase } from '../database.ts'
import { defaultProfileDir, profileFiles } from './folder.ts'
import { openProfile } from './open.ts'
import { chooseRelay, defaultRelay, keepRelay, keptRelay, parseRelay } from './relay.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-profile-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Nobody answers there. */
const relay = 'http://127.0.0.1:9'

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
  return 'no failure'
}

test('a new profile is a folder for its owner alone, and so are its files', async () => {
  const dir = join(folder, 'deep', 'down')
  const client = await openProfile({ dir, relay })
  expect(client.self()).toBeUndefined()
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  for (const file of readdirSync(dir)) expect([file, statSync(join(dir, file)).mode & 0o777]).toEqual([file, 0o600])
  await client.close()
})

test('one process owns it: a second waits, gives up with profile-in-use, and gets in when the first is done', async () => {
  const first = await openProfile({ dir: folder, relay })
  expect(await codeOf(openProfile({ dir: folder, relay, waitMs: 60 }))).toBe('profile-in-use')
  expect(await codeOf(openProfile({ dir: folder, relay, giveUp: () => Promise.resolve(true) }))).toBe('profile-in-use')
  const second = openProfile({ dir: folder, relay })
  await first.close()
  await (await second).close()
})

test('a profile from a newer version, a damaged one and one that cannot be written are told apart', async () => {
  await (await openProfile({ dir: folder, relay })).close()
  const files = profileFiles(folder)
  const db = nodeDatabase(files.database)
  db.script('pragma user_version = 9999')
  db.close()
  expect(await codeOf(openProfile({ dir: folder }))).toBe('profile-newer')
  expect(await codeOf(openProfile({ dir: folder }))).toBe('profile-newer')
  writeFileSync(files.database, 'no database at all '.repeat(1000))
  expect(await codeOf(openProfile({ dir: folder }))).toBe('damaged')
  writeFileSync(join(folder, 'file'), '')
  expect(await codeOf(openProfile({ dir: join(folder, 'file', 'profile') }))).toBe('profile-unwritable')
  expect(await codeOf(openProfile({ dir: join(folder, 'file') }))).toBe('profile-unwritable')
  // Where nothing can be made, and the system says no more than that it is not there (Linux).
  expect(await codeOf(openProfile({ dir: '/proc/nowhere/profile' }))).toBe('profile-unwritable')
  mkdirSync(join(folder, 'taken', 'quintet.db'), { recursive: true })
  expect(await codeOf(openProfile({ dir: join(folder, 'taken') }))).toBe('profile-unwritable')
})

test('the relay is kept, and fixed as soon as there is an account', async () => {
  const files = profileFiles(folder)
  await (await openProfile({ dir: folder, relay: `${relay}/` })).close()
  expect(readFileSync(files.relay, 'utf8')).toBe(`${relay}\n`)
  await (await openProfile({ dir: folder, relay: 'http://127.0.0.1:10' })).close()
  expect(keptRelay(folder)).toBe('http://127.0.0.1:10')
  const db = nodeDatabase(files.database)
  db.run("insert into meta (key, value) values ('account', 'somebody')")
  db.close()
  expect(await codeOf(openProfile({ dir: folder, relay }))).toBe('other-relay')
  expect(keptRelay(folder)).toBe('http://127.0.0.1:10')
})

test('the relay named wins, else the kept one, else the usual one', () => {
  expect(chooseRelay(folder, undefined, false)).toBe(defaultRelay)
  expect(chooseRelay(folder, 'https://chat.example.org/', false)).toBe('https://chat.example.org')
  keepRelay(folder, 'https://chat.example.org')
  expect(chooseRelay(folder, undefined, true)).toBe('https://chat.example.org')
  expect(chooseRelay(folder, 'https://CHAT.example.org:443', true)).toBe('https://chat.example.org')
  expect(() => chooseRelay(folder, 'https://other.example.org', true)).toThrow(/belongs to https:\/\/chat.example.org/)
  expect(() => chooseRelay(folder, 'chat', false)).toThrow(ClientError)
})

test.each([
  ['http://127.0.0.1:4747', 'http://127.0.0.1:4747'],
  ['https://chat.example.org/quintet/', 'https://chat.example.org/quintet'],
  ['http://[::1]:4747', 'http://[::1]:4747'],
  ['ftp://chat.example.org', undefined],
  ['https://me:secret@chat.example.org', undefined],
  ['chat.example.org', undefined],
  ['', undefined],
])('%j is the relay %j', (text, relayUrl) => {
  expect(parseRelay(text)).toBe(relayUrl)
})

test('the usual folder follows the system', () => {
  expect(defaultProfileDir({ XDG_DATA_HOME: '/data' })).toBe('/data/quintet')
  expect(defaultProfileDir({})).toMatch(/\.local\/share\/quintet$/)
})

test('a folder that was there keeps the mode that its owner chose', async () => {
  chmodSync(folder, 0o750)
  await (await openProfile({ dir: folder, relay })).close()
  expect(statSync(folder).mode & 0o777).toBe(0o750)
})
