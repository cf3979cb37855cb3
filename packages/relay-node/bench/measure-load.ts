import { setTimeout as pause } from 'node:timers/promises'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { addTallies, type Crowd, latenessMs } from './crowd.ts'
import { figure, medianOf, type Target, targets } from './figures.ts'
import type { Pace, Tally } from './load/plan.ts'
import type { Server } from './server.ts'
import { others, size } from './size.ts'
import type { Stage } from './stage.ts'

/** One stretch of load. */
interface Stretch {
  readonly tally: Tally
  readonly seconds: number
  readonly cpuSeconds: number
  readonly writtenBytes: number
}

/** Fails unless every message was answered, and reached all others. */
async function stretch(server: Server, crowd: Crowd, pace: Pace): Promise<Stretch> {
  crowd.go(pace, true)
  await pause(size.warmMs)
  const warm = await crowd.mark()
  const before = server.spent()
  await pause(size.measureMs)
  const tally = await crowd.mark()
  const after = server.spent()
  crowd.halt()
  await crowd.quiet(addTallies(warm, tally), others)
  return {
    tally,
    seconds: (after.atMs - before.atMs) / 1000,
    cpuSeconds: (after.cpuMs - before.cpuMs) / 1000,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  }
}

/** Relay and floor by turns, so that what else the machine does falls on both. */
async function rounds(
  stage: Stage,
  crowds: Readonly<Record<Target, Crowd>>,
  pace: (target: Target) => Pace,
): Promise<Readonly<Record<Target, readonly Stretch[]>>> {
  const all: Record<Target, Stretch[]> = { relay: [], floor: [] }
  for (let at = 0; at < size.rounds; at++) {
    for (const target of targets) {
      all[target].push(await stretch(stage.servers[target], crowds[target], pace(target)))
    }
  }
  return all
}

const perSecond = ({ tally, seconds }: Stretch): number => tally.delivered / seconds

/** The names of what `measureLoad` tells, without the server's. */
export const loadFigures = [
  'deliveries_per_s',
  'deliveries_per_cpu_s',
  'bytes_written_per_message',
  'p50_ms.100',
  'p99_ms.100',
  'p50_ms.half',
  'p99_ms.half',
] as const

/** As much as is taken, then 100 messages a second, then half of what was taken. */
export async function* measureLoad(stage: Stage): AsyncIterable<Figure> {
  await using relay = await stage.crowd('relay')
  await using floor = await stage.crowd('floor')
  const crowds = { relay, floor }
  const full = await rounds(stage, crowds, () => ({ kind: 'window', perDevice: size.window }))
  const half: Record<Target, number> = { relay: 0, floor: 0 }
  for (const target of targets) {
    const all = full[target]
    const busy = Math.round(medianOf(all.map(({ cpuSeconds, seconds }) => (100 * cpuSeconds) / seconds)))
    yield figure(`${target}.deliveries_per_s`, all.map(perSecond), '/s', { 'cpu%': busy })
    yield figure(
      `${target}.deliveries_per_cpu_s`,
      all.map(({ tally, cpuSeconds }) => tally.delivered / cpuSeconds),
      '/s',
    )
    const written = all.map(({ tally, writtenBytes }) => writtenBytes / tally.answered)
    yield figure(`${target}.bytes_written_per_message`, written, 'B')
    half[target] = medianOf(all.map(perSecond)) / others / 2
  }
  yield* lateness('100', await rounds(stage, crowds, () => ({ kind: 'rate', perSecond: 100 })))
  yield* lateness('half', await rounds(stage, crowds, (target) => ({ kind: 'rate', perSecond: half[target] })))
}

function* lateness(load: string, all: Readonly<Record<Target, readonly Stretch[]>>): Iterable<Figure> {
  for (const target of targets) {
    const rate = Math.round(medianOf(all[target].map(perSecond)) / others)
    for (const part of [0.5, 0.99]) {
      const values = all[target].map(({ tally }) => latenessMs(tally, part))
      yield figure(`${target}.p${part * 100}_ms.${load}`, values, 'ms', { 'messages/s': rate })
    }
  }
}
