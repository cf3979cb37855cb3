import { readFileSync } from 'node:fs'
import type { Bench, Figure } from '../../../scripts/bench/bench.ts'
import type { Suite } from '../src/mls-engine.ts'
import { openChromium } from './chromium.ts'
import { bytes, type Measured, measureGroup, times } from './measure.ts'

/** How large the groups are; beyond 200 leaves a chat is not made in the hybrid suite (X4). */
const sizes: Readonly<Record<Suite, readonly number[]>> = { base: [2, 10, 50, 200, 1000], hybrid: [2, 10, 50, 200] }
const suites = ['base', 'hybrid'] as const
const places = ['', 'chromium.'] as const

const short = process.env['QUINTET_BENCH'] === 'short'
const runsOf = (leaves: number): number => (short ? 1 : leaves >= 200 ? 5 : 9)

const namesOf = (place: string, suite: Suite, leaves: number): readonly string[] =>
  // What is counted in bytes is the same everywhere.
  [...times, ...(place === '' ? bytes : [])].map((name) => `mls.${place}${suite}.${name}.${leaves}`)

function figureOf(name: string, values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const isTime = name.includes('_ms.')
  const round = (value: number | undefined) => (isTime ? Math.round((value ?? 0) * 1000) / 1000 : (value ?? 0))
  const detail = { runs: values.length, min: round(sorted[0]), max: round(sorted.at(-1)) }
  return { name, value: round(sorted[sorted.length >> 1]), unit: isTime ? 'ms' : 'B', detail }
}

/** The MLS engine by itself, rows in memory: the same module in Node and in a worker of Chromium. */
export const bench: Bench = {
  figures: places.flatMap((place) =>
    suites.flatMap((suite) => sizes[suite].flatMap((leaves) => namesOf(place, suite, leaves))),
  ),
  async *measure(wanted) {
    const module = new WebAssembly.Module(readFileSync(new URL('../wasm/quintet_mls.wasm', import.meta.url)))
    for (const place of places) {
      const due = suites.flatMap((suite) =>
        sizes[suite].flatMap((leaves) => {
          const names = namesOf(place, suite, leaves).filter((name) => wanted.has(name))
          return names.length > 0 ? [{ suite, leaves, names }] : []
        }),
      )
      if (due.length === 0) continue
      await using chromium = place === '' ? undefined : await openChromium()
      for (const { suite, leaves, names } of due) {
        const runs = runsOf(leaves)
        const measured: Measured = chromium
          ? await chromium.measure(suite, leaves, runs)
          : measureGroup(module, suite, leaves, runs)
        for (const name of [...times, ...bytes]) {
          const full = `mls.${place}${suite}.${name}.${leaves}`
          if (names.includes(full)) yield figureOf(full, measured[name])
        }
      }
    }
  },
}
