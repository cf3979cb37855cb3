import { setTimeout as pause } from 'node:timers/promises'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { addTallies } from './crowd.ts'
import { figure, medianOf, targets } from './figures.ts'
import { fill } from './measure-waiting.ts'
import { others, size } from './size.ts'
import { Stage } from './stage.ts'

/** Processor time of one message at a steady rate: µs. */
async function costs(stage: Stage, target: 'relay' | 'floor'): Promise<readonly number[]> {
  const all: number[] = []
  const server = stage.servers[target]
  await using crowd = await stage.crowd(target)
  for (let at = 0; at < size.rounds; at++) {
    crowd.go({ kind: 'rate', perSecond: 1000 }, true)
    await pause(size.warmMs)
    const warm = await crowd.mark()
    const before = server.spent()
    await pause(size.measureMs)
    const tally = await crowd.mark()
    const after = server.spent()
    crowd.halt()
    await crowd.quiet(addTallies(warm, tally), others)
    all.push((1000 * (after.cpuMs - before.cpuMs)) / tally.answered)
  }
  return all
}

/** What a message costs when there are ten times as many accounts, chats and stored entries, as a multiple. */
export async function* measureGrowth(): AsyncIterable<Figure> {
  const cost = { relay: [] as (readonly number[])[], floor: [] as (readonly number[])[] }
  for (const { accounts, waiting } of size.growth) {
    await using stage = await Stage.set({ ...size.world, accounts })
    for (const target of targets) {
      await using writer = await stage.writer(target)
      await fill(writer, 100, waiting)
    }
    for (const target of targets) cost[target].push(await costs(stage, target))
  }
  for (const target of targets) {
    const [small = [], large = []] = cost[target]
    const before = medianOf(small)
    yield figure(
      `${target}.cost_growth.10`,
      large.map((each) => each / before),
      'x',
      { 'small µs': Math.round(before), 'large µs': Math.round(medianOf(large)) },
    )
  }
}
