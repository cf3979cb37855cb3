import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClientError } from '@quintet/client'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText, nearTo } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { profileFiles } from './folder.ts'
import { openProfile } from './open.ts'
import { chooseRelay, keptRelay, parseRelay } from './relay.ts'

test('whatever somebody types as a relay, it is an address in one form, or none', () => {
  const outcomes = new Outcomes()
  const samples = [
    'http://127.0.0.1:4747',
    'https://chat.example.org/q/',
    'HTTPS://Chat.Example.org:443',
    'http://[::1]:4',
  ]
  fc.assert(
    fc.property(hostileText(samples), (text) => {
      const relay = parseRelay(text)
      outcomes.note(relay === undefined ? 'none' : 'relay')
      if (relay === undefined) return
      expect(parseRelay(relay)).toBe(relay)
      expect(relay).toMatch(/^https?:\/\/[^\s?#@]+$/)
    }),
    runs(400),
  )
  expect(outcomes.names).toEqual(['none', 'relay'])
})

test('whatever stands in the file that keeps the relay, it is an address or as if it were not there', () => {
  const dir = mkdtempSync(join(tmpdir(), 'quintet-profile-'))
  fc.assert(
    fc.property(hostileText(['http://127.0.0.1:4747\n']), (text) => {
      writeFileSync(profileFiles(dir).relay, text)
      const kept = keptRelay(dir)
      expect(kept === undefined || parseRelay(kept) === kept).toBe(true)
      expect(chooseRelay(dir, undefined, false)).toMatch(/^https?:/)
    }),
    runs(150),
  )
  rmSync(dir, { recursive: true, force: true })
})

test('a database whose bytes were changed opens, or is said to be damaged or of a newer version', {
  timeout: 600_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quintet-profile-'))
  const { database } = profileFiles(dir)
  await (await openProfile({ dir })).close()
  const good = new Uint8Array(readFileSync(database))
  const outcomes = new Outcomes()
  // The first pages hold the header, the schema and the lists of what is where.
  const start = nearTo([good.subarray(0, 8192)]).map((head) => Buffer.concat([head, good.subarray(head.length)]))
  await fc.assert(
    fc.asyncProperty(fc.oneof(start, nearTo([good])), async (bytes) => {
      for (const end of ['-wal', '-shm', '-journal']) rmSync(`${database}${end}`, { force: true })
      writeFileSync(database, bytes)
      try {
        const client = await openProfile({ dir, waitMs: 0 })
        try {
          client.status()
        } finally {
          await client.close()
        }
        outcomes.note('opened')
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        outcomes.note(error.code === 'profile-empty' ? 'opened' : error.code)
      }
    }),
    runs(120),
  )
  rmSync(dir, { recursive: true, force: true })
  for (const seen of ['opened', 'damaged']) expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  expect(
    outcomes.names.filter((name) => !['opened', 'damaged', 'profile-newer', 'profile-unwritable'].includes(name)),
  ).toEqual([])
})
