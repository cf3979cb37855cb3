import type { Bench } from '../../../scripts/bench/bench.ts'
import { targets } from './figures.ts'
import { grown, measureGrowth } from './measure-growth.ts'
import { measureIdle } from './measure-idle.ts'
import { loadFigures, measureLoad } from './measure-load.ts'
import { measureDrain, measureReady } from './measure-waiting.ts'
import { size } from './size.ts'
import { Stage } from './stage.ts'

const each = (names: readonly string[]): readonly string[] =>
  targets.flatMap((target) => names.map((name) => `${target}.${name}`))

const groups = {
  load: each(loadFigures),
  drain: each(['drain_first_ms', 'drain_per_s']),
  ready: each(['ready_ms']),
  growth: each(grown.map((what) => `cost_growth.${what}`)),
  idle: each(size.idle.map((count) => `idle_bytes_per_connection.${count}`)),
} as const

/**
 * The relay, and beside it the floor: what remains of it when all that makes it one is left out. What is asked of the
 * one is made of both, by turns, because only the ratio says something on a machine that does other things too.
 */
export const bench: Bench = {
  figures: Object.values(groups).flat(),
  async *measure(wanted) {
    const wants = (group: readonly string[]): boolean => group.some((name) => wanted.has(name))
    if (wants([...groups.load, ...groups.drain, ...groups.ready])) {
      await using stage = await Stage.set(size.world)
      if (wants(groups.load)) yield* measureLoad(stage)
      if (wants(groups.drain)) yield* measureDrain(stage)
      if (wants(groups.ready)) yield* measureReady(stage)
    }
    if (wants(groups.growth)) yield* measureGrowth(wanted)
    if (wants(groups.idle)) yield* measureIdle()
  },
}
