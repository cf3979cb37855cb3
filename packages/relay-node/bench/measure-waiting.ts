import { setTimeout as pause } from 'node:timers/promises'
import { expectAnswer } from '@quintet/relay/testing'
import type { Figure } from '../../../scripts/bench/bench.ts'
import type { Crowd } from './crowd.ts'
import { figure, medianOf, type Target, targets } from './figures.ts'
import { nowMs } from './load/clock.ts'
import { call, fetchBytes, helloBytes } from './load/floor-frames.ts'
import { clientFrame, Line } from './load/line.ts'
import { size } from './size.ts'
import type { Stage } from './stage.ts'
import { comeIn } from './world.ts'

interface Drain {
  readonly firstMs: number
  readonly perSecond: number
}

/** Sends until at least that many are on the disk; nobody acknowledges them. */
export async function fill(crowd: Crowd, perDevice: number, messages: number): Promise<void> {
  crowd.go({ kind: 'window', perDevice }, false)
  let left = messages
  while (left > 0) {
    await pause(20)
    left -= (await crowd.mark()).answered
  }
  crowd.halt()
}

/** A device that was never there: it connects, signs in, asks what there is and fetches page by page. */
async function drainRelay(stage: Stage): Promise<Drain> {
  const person = stage.world.people[1]
  const keys = person?.keys.at(-1)
  const chat = stage.world.chats[stage.spare]?.id
  if (person === undefined || keys === undefined || chat === undefined) throw new RangeError('the spare chat has two')
  const from = nowMs()
  const device = await comeIn(stage.servers.relay.url, person.account, keys)
  expectAnswer(await device.ask({ case: 'sync', value: {} }), 'sync')
  let [after, head, got] = [0n, 1n, 0]
  let first = { atMs: 0, got: 0 }
  while (after < head) {
    const page = expectAnswer(await device.ask({ case: 'fetch', value: { chat, after, limit: 0 } }), 'fetched')
    got += page.entries.length
    if (first.atMs === 0) first = { atMs: nowMs(), got }
    head = page.headSeq
    after = page.entries.at(-1)?.seq ?? head
  }
  const seconds = (nowMs() - first.atMs) / 1000
  device.line.close()
  return { firstMs: first.atMs - from, perSecond: (got - first.got) / seconds }
}

async function drainFloor(stage: Stage): Promise<Drain> {
  const from = nowMs()
  let [firstAt, got] = [0, 0]
  let done: () => void = () => {}
  const all = new Promise<void>((resolve) => (done = resolve))
  const line = await Line.connect(stage.servers.floor.url, (bytes, start) => {
    if (bytes[start] !== call.entry) return
    if (firstAt === 0) firstAt = nowMs()
    if (++got === size.waiting) done()
  })
  line.send(clientFrame(helloBytes(0, [])))
  line.send(clientFrame(fetchBytes(stage.spare, 0)))
  await all
  const seconds = (nowMs() - firstAt) / 1000
  line.close()
  return { firstMs: firstAt - from, perSecond: got / seconds }
}

const drainOf = { relay: drainRelay, floor: drainFloor } as const

/** A device comes back to a chat in which much waits. */
export async function* measureDrain(stage: Stage): AsyncIterable<Figure> {
  const drains: Record<Target, Drain[]> = { relay: [], floor: [] }
  for (const target of targets) {
    await using writer = await stage.writer(target)
    await fill(writer, 100, size.waiting)
  }
  for (let at = 0; at < size.drains; at++) {
    for (const target of targets) drains[target].push(await drainOf[target](stage))
  }
  for (const target of targets) {
    const all = drains[target]
    yield figure(
      `${target}.drain_first_ms`,
      all.map(({ firstMs }) => firstMs),
      'ms',
      { waiting: size.waiting },
    )
    yield figure(
      `${target}.drain_per_s`,
      all.map(({ perSecond }) => perSecond),
      '/s',
      { waiting: size.waiting },
    )
  }
}

/** A start with much in the database. */
export async function* measureReady(stage: Stage): AsyncIterable<Figure> {
  const starts: Record<Target, number[]> = { relay: [], floor: [] }
  const cpus: Record<Target, number[]> = { relay: [], floor: [] }
  for (const target of targets) {
    await using crowd = await stage.crowd(target)
    await fill(crowd, size.window, size.waitingAtStart)
  }
  for (let at = 0; at < size.starts; at++) {
    for (const target of targets) {
      const server = await stage.restart(target)
      starts[target].push(server.readyMs)
      cpus[target].push(server.spent().cpuMs)
    }
  }
  for (const target of targets) {
    yield figure(`${target}.ready_ms`, starts[target], 'ms', {
      waiting: size.waitingAtStart,
      'cpu ms': medianOf(cpus[target]),
    })
  }
}
