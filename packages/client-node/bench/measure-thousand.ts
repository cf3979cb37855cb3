import type { ChatId } from '@quintet/domain'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { Crowd } from './crowd.ts'
import { cpuMs, isShort, medianOf } from './figure.ts'
import { bytesUp, commitFigure } from './measure-ten.ts'
import { Person } from './person.ts'

const leaves = isShort ? 100 : 1000
const devicesEach = 5
/** Who is really there, with a device each; the first makes the groups. */
const present = 5

export const thousandFigures = [
  'client.create_ms.1000',
  'client.join_ms.1000',
  'client.join_first_ms.1000',
  'client.rejoin_ms.1000',
  'client.commit_ms.1000',
  'client.text_bytes_up.1000',
] as const

/**
 * Groups of 200 people with 5 devices each. Whoever is taken into the first has never heard of most of the others and
 * fetches and replays their logs; at the second they are known, and only looked after.
 */
export async function* measureThousand(folder: string, relay: string): AsyncIterable<Figure> {
  const people: Person[] = []
  while (people.length < present) people.push(await Person.signUp(folder, relay))
  const [maker, ...joiners] = people
  if (maker === undefined) throw new RangeError('five people')
  const crowd = await new Crowd(relay).gather((leaves - present) / devicesEach, devicesEach, 2)
  const handles = [...joiners.map(({ handle }) => handle), ...crowd]

  const creates: number[] = []
  const joins: (readonly Entered[])[] = []
  let chat: ChatId | undefined
  for (const name of ['First', 'Second']) {
    await Promise.all(joiners.map((one) => one.client.close()))
    const from = performance.now()
    chat = (await maker.client.createGroup(name, handles)).chat
    creates.push(performance.now() - from)
    const all: Entered[] = []
    for (const one of joiners) all.push(await enter(one, chat, 'getWelcome'))
    joins.push(all)
  }
  yield medianOf('client.create_ms.1000', 'ms', creates)
  yield joinFigure('client.join_first_ms.1000', joins[0] ?? [])
  yield joinFigure('client.join_ms.1000', joins[1] ?? [])
  if (chat === undefined) throw new RangeError('two groups')

  const again: Entered[] = []
  for (const one of joiners) {
    await one.loseChatKeys()
    await maker.client.send(chat, 'Can you read this?')
    again.push(await enter(one, chat, 'getGroupInfo'))
  }
  yield joinFigure('client.rejoin_ms.1000', again)
  await Promise.all(joiners.map((one) => one.client.close()))

  await maker.client.sync()
  yield await commitFigure('client.commit_ms.1000', maker, chat, handles[0] ?? '')
  yield await bytesUp('client.text_bytes_up.1000', maker, chat)
  await maker.client.close()
}

interface Entered {
  readonly ms: number
  /** What the whole sync had cost by then. */
  readonly cpu: number
}

function joinFigure(name: string, all: readonly Entered[]): Figure {
  const cpu = medianOf(
    name,
    'ms',
    all.map((one) => one.cpu),
  ).value
  return medianOf(
    name,
    'ms',
    all.map(({ ms }) => ms),
    { cpu },
  )
}

/** From asking the relay for what it takes to enter, to the group standing in the database, every leaf judged; ms. */
async function enter(one: Person, chat: ChatId, asks: 'getWelcome' | 'getGroupInfo'): Promise<Entered> {
  await one.reopen()
  one.probe.reset()
  const entered = one.tells((event) => event.event === 'chat' && event.change === 'new' && event.chat === chat)
  const cpu = cpuMs()
  const synced = one.client.sync()
  const at = await entered
  const spent = cpuMs() - cpu
  await synced
  const asked = one.probe.requests.find((request) => request.call === asks && request.chat === chat)
  return { ms: at - (asked?.atMs ?? Number.NaN), cpu: spent }
}
