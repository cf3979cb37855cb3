import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesOf, type ChatId } from '@quintet/domain'
import { openStore } from '@quintet/relay-node'
import { chatIdOf, expectAnswer, policyFor, type TestDevice } from '@quintet/relay/testing'
import { type Chance, chance } from '../chance.ts'
import { person, visitor } from '../host.ts'
import { RelayProcess } from '../relay-process.ts'
import { growth, toleranceBytes } from './growth.ts'

const tellHeap = fileURLToPath(new URL('tell-heap.ts', import.meta.url))

export interface MemoryPlan {
  /** Stretches of load, after each of which memory is looked at. */
  readonly stretches: number
  readonly messages: number
}

/** Keeps a relay busy with the same people in the same chats, and rejects when it keeps more and more memory. */
export async function playMemory(seed: number, plan: MemoryPlan): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-memory-'))
  // One person says here in a minute what nobody says in a day.
  const store = openStore(folder)
  for (const rate of ['appends', 'requests']) await store.settings.set(`policy.${rate}`, '1000000/1000000')
  await store.close()
  let hear: (heapBytes: number) => void = () => undefined
  const relay = await RelayProcess.start(folder, {
    node: ['--expose-gc', '--import', tellHeap],
    onLine: (line) => hear(parseHeap(line)),
  })
  try {
    const town = await settle(relay.url, chance(seed))
    const samples: number[] = []
    // What is made once, the first time that something is done, is no growth.
    for (let warm = 0; warm < 2; warm++) await stretch(relay.url, town, plan.messages)
    for (let at = 0; at < plan.stretches; at++) {
      await stretch(relay.url, town, plan.messages)
      const told = new Promise<number>((resolve) => (hear = resolve))
      relay.child.kill('SIGUSR2')
      samples.push(await told)
    }
    const grown = growth(samples)
    if (grown > toleranceBytes) {
      throw new Error(
        `memory grew by ${Math.round(grown / 1024)} KiB: ${samples.map((each) => Math.round(each / 1024))}`,
      )
    }
    const { messages, stretches } = plan
    return { messages: messages * stretches, stretches, 'grown KiB': Math.round(grown / 1024) }
  } finally {
    await relay.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function parseHeap(line: string): number {
  try {
    const { heapBytes } = JSON.parse(line) as { readonly heapBytes?: number }
    return heapBytes ?? Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

interface Town {
  readonly chance: Chance
  readonly chat: ChatId
  readonly people: readonly TestDevice[]
  said: bigint
}

async function settle(url: string, luck: Chance): Promise<Town> {
  const people = [await person(url, 'ann'), await person(url, 'ben'), await person(url, 'cleo')]
  const [ann, ...others] = people
  if (ann === undefined) throw new RangeError('three people')
  const chat = chatIdOf(luck.bytes(32))
  const policy = policyFor(
    'group',
    ann.account,
    people.map(({ account }) => account),
  )
  expectAnswer(await ann.createChat(chat, policy, others), 'committed')
  return { chance: luck, chat, people, said: 0n }
}

/** Messages, acknowledged and forgotten; signals, lookups, offers, strangers; everybody comes again. */
async function stretch(url: string, town: Town, messages: number): Promise<void> {
  const [ann, ...others] = town.people
  if (ann === undefined) throw new RangeError('three people')
  for (let sent = 0; sent < messages; sent += 50) {
    const said = Array.from({ length: 50 }, () => ann.say(town.chat, 1n, ++town.said, 'text'))
    for (const answer of await Promise.all(said)) expectAnswer(answer, 'appended')
    for (const device of town.people) {
      expectAnswer(await device.ack(town.chat, town.said + 1n), 'done')
      device.line.pushes.splice(0)
    }
  }
  for (let times = 0; times < 5; times++) {
    const stranger = await visitor(url)
    await stranger.ask({ case: 'lookup', value: { handle: `nobody-${town.chance.int(1000)}` } })
    const value = { offer: town.chance.bytes(16), commit: town.chance.bytes(32) }
    await stranger.ask({ case: 'offerOpen', value })
    stranger.line.close()
  }
  for (const device of others) {
    await device.ask({ case: 'fetch', value: { chat: bytesOf(town.chat), after: town.said } })
    expectAnswer(await device.reconnect(), 'authenticated')
  }
}
