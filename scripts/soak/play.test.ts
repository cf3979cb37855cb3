import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadSoak } from './find-soaks.ts'
import { type Play, playSoak } from './play.ts'
import { summary, together } from './report.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-soak-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A part whose round does `work` with its seed. */
async function play(work: string, more: Pick<Play, 'rounds' | 'seconds' | 'hangSeconds'> = { rounds: 4 }) {
  const file = join(folder, 'made-up.soak.ts')
  writeFileSync(
    file,
    `export const soak = {
      name: 'made-up', about: 'nothing', rounds: 4,
      async round(seed: number) { ${work}; return { kills: 1, last: seed % 10 } },
    }`,
  )
  const soak = await loadSoak(file)
  return playSoak({ file, soak }, { seed: 20, log: () => {}, ...more })
}

test('each round gets the next seed, and what it counts is summed', async () => {
  const outcome = await play('')
  expect(outcome).toMatchObject({ rounds: 4, failures: [], counters: { kills: 4, last: 0 + 1 + 2 + 3 } })
  expect(outcome.heapMb.late).toBeGreaterThan(0)
})

test('a broken promise costs its round, and the summary says how to play it again', async () => {
  const outcome = await play(`if (seed === 22) throw new Error('a message was lost')`)
  expect(outcome).toMatchObject({ rounds: 4, counters: { kills: 3 } })
  expect(outcome.failures).toHaveLength(1)
  expect(summary([outcome])).toContain('made-up: Error: a message was lost')
  expect(summary([outcome])).toContain('again: npm run soak -- --only made-up --seed 22')
})

test('a round that takes its process along is named, and the next one is played', async () => {
  const outcome = await play('if (seed === 21) process.exit(3)')
  expect(outcome.failures).toEqual([{ seed: 21, why: 'its process ended (3)' }])
  expect(outcome).toMatchObject({ rounds: 4, counters: { kills: 3 } })
})

test('a round without an end is ended', async () => {
  const outcome = await play('if (seed === 20) for (;;);', { rounds: 2, hangSeconds: 3 })
  expect(outcome.failures).toEqual([{ seed: 20, why: 'no end after 3 s' }])
  expect(outcome.counters).toMatchObject({ kills: 1 })
})

test('a part that breaks again and again is not played to its end', async () => {
  const outcome = await play(`throw new Error('no')`, { rounds: 1000 })
  expect(outcome.rounds).toBeLessThan(30)
})

test('with no time left one round is played all the same', async () => {
  const outcome = await play('', { seconds: 0 })
  expect(outcome.rounds).toBeGreaterThanOrEqual(1)
  expect(outcome.failures).toEqual([])
})

test('what a part’s pieces came to is told together', async () => {
  const [first, second] = [await play(''), await play(`if (seed === 22) throw new Error('a message was lost')`)]
  const [whole, ...others] = together([first, second])
  expect(others).toEqual([])
  expect(whole).toMatchObject({ name: 'made-up', rounds: 8, counters: { kills: 7 }, failures: [{ seed: 22 }] })
})
