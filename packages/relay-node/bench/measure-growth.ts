import { setTimeout as pause } from 'node:timers/promises'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { addTallies, type Crowd } from './crowd.ts'
import { figure, medianOf, type Target, targets } from './figures.ts'
import { fill } from './measure-waiting.ts'
import type { Server } from './server.ts'
import { others, size } from './size.ts'
import { Stage } from './stage.ts'

/** What is ten times as large. */
export const grown = ['accounts', 'chats', 'entries'] as const
type Grown = (typeof grown)[number]

/** A world of its own, with everybody connected to both servers. */
class Setting implements AsyncDisposable {
  readonly costs: Record<Target, number[]> = { relay: [], floor: [] }
  private readonly stage: Stage
  private readonly crowds: Readonly<Record<Target, Crowd>>

  private constructor(stage: Stage, crowds: Readonly<Record<Target, Crowd>>) {
    this.stage = stage
    this.crowds = crowds
  }

  static async set(tenfold: Grown | undefined): Promise<Setting> {
    const times = (what: Grown): number => (what === tenfold ? 10 : 1)
    const { accounts, chats, waiting } = size.growth
    const people = accounts * times('accounts')
    const chatsEach = (chats * times('chats')) / people
    const stage = await Stage.set({ accounts: people, devicesEach: size.world.devicesEach, chatsEach })
    for (const target of targets) {
      await using writer = await stage.writer(target)
      await fill(writer, 100, waiting * times('entries'))
    }
    return new Setting(stage, { relay: await stage.crowd('relay'), floor: await stage.crowd('floor') })
  }

  async measure(target: Target): Promise<void> {
    this.costs[target].push(await costOf(this.stage.servers[target], this.crowds[target]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crowds.relay[Symbol.asyncDispose]()
    await this.crowds.floor[Symbol.asyncDispose]()
    await this.stage[Symbol.asyncDispose]()
  }
}

/** Processor time of one message at a steady rate: µs. */
async function costOf(server: Server, crowd: Crowd): Promise<number> {
  crowd.go({ kind: 'rate', perSecond: 1000 }, true)
  await pause(size.warmMs)
  const warm = await crowd.mark()
  const before = server.spent()
  await pause(size.measureMs)
  const tally = await crowd.mark()
  const after = server.spent()
  crowd.halt()
  await crowd.quiet(addTallies(warm, tally), others)
  return (1000 * (after.cpuMs - before.cpuMs)) / tally.answered
}

/**
 * What a message costs when there are ten times as many accounts, chats or stored entries, as a multiple: each world
 * beside the small one, by turns.
 */
export async function* measureGrowth(wanted: ReadonlySet<string>): AsyncIterable<Figure> {
  const wants = grown.filter((what) => targets.some((target) => wanted.has(`${target}.cost_growth.${what}`)))
  await using small = await Setting.set(undefined)
  for (const what of wants) {
    await using large = await Setting.set(what)
    for (let at = 0; at < size.rounds; at++) {
      for (const target of targets) {
        await small.measure(target)
        await large.measure(target)
      }
    }
    for (const target of targets) {
      const before = small.costs[target].slice(-size.rounds)
      const after = large.costs[target]
      yield figure(
        `${target}.cost_growth.${what}`,
        after.map((each, at) => each / (before[at] ?? each)),
        'x',
        { 'small µs': Math.round(medianOf(before)), 'large µs': Math.round(medianOf(after)) },
      )
    }
  }
}
