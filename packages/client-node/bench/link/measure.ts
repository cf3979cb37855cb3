import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Client } from '../../src/index.ts'
import { type Orders, newcomerScript, type Said } from './newcomer.ts'
import { approveThere, deviceFolder, openDevice } from './people.ts'
import { startRelay } from './relay.ts'
import { siblingScript } from './sibling.ts'
import { friend, type LinkWorld, linkWorld, owner, pointTo, relayFolder } from './world.ts'

/** One linking or recovery. Times count from the moment when both persons have said yes, or the kit was typed. */
export interface Measured {
  /** The new device is part of the account and in the self chat. */
  readonly inMs: number
  /** A text that it wrote in the newest chat is open on somebody else's device. */
  readonly usableMs: number
  readonly allMs: number
  /** Of the new device's process, from its start to the end. */
  readonly cpuMs: number
  /** What a sibling that was away spends on the new device's commits, all of its chats together. */
  readonly siblingMs: number
}

/** Nobody finds four words again in less. */
const lookingMs = 2_000
const text = 'Written on the new device.'

export async function measureLink(chats: number, by: 'link' | 'kit'): Promise<Measured> {
  const world = await linkWorld(chats)
  try {
    return await measureIn(world, by)
  } finally {
    rmSync(world.folder, { recursive: true, force: true })
  }
}

async function measureIn(world: LinkWorld, by: 'link' | 'kit'): Promise<Measured> {
  const { folder, newest, kit } = world
  await using relay = await startRelay(relayFolder(folder))
  for (const [handle, device] of [
    [owner, 'phone'],
    [owner, 'laptop'],
    [friend, 'phone'],
  ] as const)
    pointTo(folder, handle, device, relay.url)
  const other = await openDevice(folder, friend, 'phone')
  const heard = heardBy(other)
  await other.sync()
  const approver = by === 'link' ? await openDevice(folder, owner, 'phone') : undefined
  await approver?.sync()
  const newcomer = begin({
    dir: deviceFolder(folder, owner, 'new'),
    relay: relay.url,
    newest,
    text,
    kit: by === 'kit' ? { handle: owner, key: kit } : undefined,
  })
  let from = 0
  if (approver === undefined) {
    await newcomer.next('begun')
    from = performance.now()
  } else {
    const { offer } = await newcomer.next('offer')
    const words = newcomer.next('words').then((said) => said.words)
    const picked = () => {
      from = performance.now()
    }
    await approveThere(approver, offer, words, { picked, lookingMs })
    // It may go offline at once.
    await approver.close()
  }
  const isIn = newcomer.next('in').then(() => performance.now() - from)
  const usable = heard.then((at) => at - from)
  const all = newcomer.next('all').then((said) => ({ ...said, ms: performance.now() - from }))
  const [inMs, usableMs, { ms, pending, cpuMs }] = await Promise.all([isIn, usable, all])
  if (pending > 0) throw new TypeError(`${pending} chats were not entered, so the time says nothing`)
  await newcomer.ended
  await other.close()
  const siblingMs = await siblingSync(deviceFolder(folder, owner, 'laptop'))
  return { inMs, usableMs, allMs: ms, cpuMs, siblingMs }
}

/** When that text is there. */
function heardBy(client: Client): Promise<number> {
  return new Promise((resolve) => {
    client.on((event) => {
      if (event.event === 'message' && event.message.text === text) resolve(performance.now())
    })
  })
}

interface Newcomer {
  /** The first of that kind, also one that was said before. */
  next<K extends Said['kind']>(kind: K): Promise<Extract<Said, { readonly kind: K }>>
  readonly ended: Promise<unknown>
}

function parseSaid<K extends Said['kind']>(said: Said, kind: K): Extract<Said, { readonly kind: K }> | undefined {
  return said.kind === kind ? (said as Extract<Said, { readonly kind: K }>) : undefined
}

function begin(orders: Orders): Newcomer {
  const child = fork(newcomerScript, [JSON.stringify(orders)])
  const said: Said[] = []
  child.on('message', (message: Said) => void said.push(message))
  const ended = once(child, 'close')
  return {
    ended,
    async next(kind) {
      for (;;) {
        for (const one of said) {
          const found = parseSaid(one, kind)
          if (found !== undefined) return found
        }
        await nextMessage(child)
      }
    },
  }
}

async function nextMessage(child: ChildProcess): Promise<void> {
  await Promise.race([
    once(child, 'message'),
    once(child, 'close').then(() => {
      throw new TypeError('the new device ended before it was done')
    }),
  ])
}

async function siblingSync(dir: string): Promise<number> {
  const child = fork(siblingScript, [dir])
  const told = new Promise<number>((resolve) => child.once('message', (cpuMs: number) => resolve(cpuMs)))
  await once(child, 'close')
  return told
}
