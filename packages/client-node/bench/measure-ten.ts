import type { ChatId } from '@quintet/domain'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { cpuMs, isShort, medianOf } from './figure.ts'
import { Person } from './person.ts'

export const tenFigures = [
  'client.send_to_open_ms',
  'client.engine_ms',
  'client.state_bytes_per_message',
  'client.commit_ms.10',
  'client.text_bytes_up.2',
  'client.text_bytes_up.10',
  'client.opens_per_s',
] as const

const leaves = 10
const messages = isShort ? 30 : 300
const commits = isShort ? 5 : 30
const waiting = isShort ? 1_000 : 10_000
/** Texts that are written at once: an outbox that was long offline. */
const atOnce = 100
const text = 'x'.repeat(100)

/** Ten people with a device each in one hybrid group; all but the two that are looked at are away. */
export async function* measureTen(
  folder: string,
  relay: string,
  wants: (name: (typeof tenFigures)[number]) => boolean,
): AsyncIterable<Figure> {
  const people: Person[] = []
  while (people.length < leaves) people.push(await Person.signUp(folder, relay))
  const [sender, receiver] = people
  if (sender === undefined || receiver === undefined) throw new RangeError('ten people')
  const entering = people.slice(1).map((one) => one.tells((event) => event.event === 'chat' && event.change === 'new'))
  const handles = people.slice(1).map(({ handle }) => handle)
  const { chat } = await sender.client.createGroup('Ten', handles)
  await Promise.all(entering)
  await Promise.all(people.slice(2).map((one) => one.client.close()))
  await say(sender, receiver, chat, 'warm')
  await say(receiver, sender, chat, 'warm')

  yield* talk(sender, receiver, chat)
  if (wants('client.commit_ms.10')) yield await commitFigure('client.commit_ms.10', sender, chat, handles.at(-1) ?? '')
  if (wants('client.text_bytes_up.2')) {
    await sender.client.send(receiver.handle, text)
    await receiver.client.send(sender.handle, text)
    yield await bytesUp('client.text_bytes_up.2', sender, receiver.handle)
  }
  if (wants('client.text_bytes_up.10')) yield await bytesUp('client.text_bytes_up.10', sender, chat)
  if (wants('client.opens_per_s')) yield await catchUp(sender, receiver, chat)
  await Promise.all([sender, receiver].map((one) => one.client.close()))
}

/** From the composer of one device to the database of the other, ms. */
async function say(from: Person, to: Person, chat: ChatId, words: string): Promise<number> {
  const heard = to.tells((event) => event.event === 'message' && event.message.text === words)
  const at = performance.now()
  const sent = from.client.send(chat, words)
  const arrived = await heard
  await sent
  return arrived - at
}

async function* talk(sender: Person, receiver: Person, chat: ChatId): AsyncIterable<Figure> {
  for (let at = 0; at < messages / 3; at++) await say(sender, receiver, chat, `warm ${at}`)
  for (const one of [sender, receiver]) one.probe.reset()
  const all: number[] = []
  const cpu = cpuMs()
  for (let at = 0; at < messages; at++) all.push(await say(sender, receiver, chat, `${at} ${text}`.slice(0, 100)))
  yield medianOf('client.send_to_open_ms', 'ms', all, { cpu: (cpuMs() - cpu) / messages })
  const engines = [sender, receiver].map(({ probe }) => Math.round((probe.engineMs / messages) * 1000) / 1000)
  const [sealing = 0, opening = 0] = engines
  const value = Math.round((sealing + opening) * 1000) / 1000
  yield { name: 'client.engine_ms', value, unit: 'ms', detail: { sender: sealing, receiver: opening } }
  const sides = [sender, receiver].map(({ probe }) => Math.round(probe.stateBytes / messages))
  const [sent = 0, received = 0] = sides
  yield {
    name: 'client.state_bytes_per_message',
    value: Math.max(sent, received),
    unit: 'B',
    detail: { sender: sent, receiver: received },
  }
}

/** From the wish to the commit standing in the log and merged: a member becomes admin, and none again. */
export async function commitFigure(name: string, by: Person, chat: ChatId, handle: string): Promise<Figure> {
  const all: number[] = []
  by.probe.reset()
  const cpu = cpuMs()
  for (let at = 0; at < commits + 2; at++) {
    const from = performance.now()
    await by.client.setAdmin(chat, handle, at % 2 === 0)
    if (at >= 2) all.push(performance.now() - from)
  }
  const engine = by.probe.engineMs / (commits + 2)
  return medianOf(name, 'ms', all, { engine, cpu: (cpuMs() - cpu) / (commits + 2) })
}

/** A text of 100 characters, as one frame on the socket. */
export async function bytesUp(name: string, sender: Person, to: string): Promise<Figure> {
  const all: number[] = []
  for (let at = 0; at < 5; at++) {
    sender.probe.reset()
    await sender.client.send(to, text)
    all.push(...sender.probe.requests.filter(({ call }) => call === 'append').map(({ bytes }) => bytes))
  }
  return medianOf(name, 'B', all)
}

async function catchUp(sender: Person, receiver: Person, chat: ChatId): Promise<Figure> {
  // What else a sync brings up to date is done before.
  await receiver.client.sync()
  await receiver.client.close()
  for (let sent = 0; sent < waiting; sent += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => sender.client.send(chat, text, { waitMs: 60_000 })))
  await receiver.reopen()
  await receiver.client.online()
  receiver.probe.reset()
  const cpu = cpuMs()
  const from = performance.now()
  const { received } = await receiver.client.sync()
  const ms = performance.now() - from
  return {
    name: 'client.opens_per_s',
    value: Math.round((received / ms) * 1000),
    unit: '/s',
    detail: {
      received,
      ms: Math.round(ms),
      cpu_ms: Math.round(cpuMs() - cpu),
      engine_ms: Math.round(receiver.probe.engineMs),
      state_bytes: Math.round(receiver.probe.stateBytes / received),
    },
  }
}
