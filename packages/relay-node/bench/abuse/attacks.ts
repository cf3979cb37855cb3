import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { bytesOf } from '@quintet/domain'
import { fakeMessage, type TestDevice } from '@quintet/relay/testing'
import type { WebSocket } from 'ws'
import { type Attacker, type Call, fetchCall, fullChat, random, requestBytes, webSocketFrame } from './attacker.ts'

/** Prepares, says that it is ready, and goes on until its process is ended. */
type Attack = (by: Attacker, ready: () => void) => Promise<void>

/** Again and again, whatever comes of it; a refusal is waited for no longer than a client of ill will would. */
async function forever(task: () => Promise<unknown>): Promise<never> {
  for (;;) {
    try {
      await task()
    } catch {
      await pause(20)
    }
    await new Promise(setImmediate)
  }
}

/** Asks as fast as it is answered with so many under way, and comes back when it is shown out. */
function flood(call: (at: number) => Call | Promise<Call>, window = 500): Attack {
  return async (by, ready) => {
    let device = await by.person('flooder')
    ready()
    let at = 0
    await forever(async () => {
      if (device.line.closed) device = await by.again(device)
      const asked: Promise<unknown>[] = []
      for (let more = 0; more < window; more++) asked.push(device.ask(await call(++at)).catch(() => undefined))
      await Promise.all(asked)
    })
  }
}

/** Bytes over a bare WebSocket, as fast as they are taken, on a new one when that ends. */
function stream(make: () => Uint8Array): Attack {
  return async (by, ready) => {
    const bytes = make()
    ready()
    await forever(async () => {
      const socket = await by.upgraded()
      if (socket === undefined) return pause(20)
      socket.on('data', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      while (!socket.destroyed) {
        if (socket.write(bytes)) await new Promise(setImmediate)
        else await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))])
      }
    })
  }
}

const many = (times: number, bytes: Uint8Array): Buffer => Buffer.concat(Array.from({ length: times }, () => bytes))

async function appends(by: Attacker, ready: () => void, length: number, window: number): Promise<void> {
  let device = await by.person('writer')
  const chat = await fullChat(device, 0)
  const message = fakeMessage(chat, 1n, 'x'.repeat(length))
  ready()
  let n = 0n
  await forever(async () => {
    if (device.line.closed) device = await by.again(device)
    const asked = Array.from({ length: window }, () => {
      const value = { chat: bytesOf(chat), epoch: 1n, n: ++n, message, content: true }
      return device.ask({ case: 'append', value }).then(
        (answer) => answer.case === 'appended',
        () => false,
      )
    })
    const taken = (await Promise.all(asked)).filter(Boolean).length
    n -= BigInt(window - taken)
  })
}

async function slowReads(by: Attacker, ready: () => void): Promise<void> {
  const people: TestDevice[] = []
  for (let at = 0; at < 4; at++) people.push(await by.person(`slow-${at}`))
  const all = await Promise.all(people.map(async (device) => ({ device, chat: await fullChat(device, 100) })))
  ready()
  const read = ({ device, chat }: (typeof all)[number]): Promise<never> =>
    forever(async () => {
      let ws: WebSocket | undefined
      const back = await by.again(device, (opened) => (ws = opened))
      ws?.pause()
      for (let id = 1; id <= 200 && !back.line.closed; id++) {
        back.line.sendRaw(requestBytes(1000 + id, fetchCall(chat)))
        await pause(5)
      }
      ws?.terminate()
    })
  await Promise.all(all.map(read))
}

/** Takes what it asks for: a hundred messages of 10 KB at a time. */
async function greedyReads(by: Attacker, ready: () => void): Promise<void> {
  let device = await by.person('greedy')
  const chat = await fullChat(device, 100)
  ready()
  await forever(async () => {
    if (device.line.closed) device = await by.again(device)
    await Promise.all(Array.from({ length: 64 }, () => device.ask(fetchCall(chat)).catch(() => undefined)))
  })
}

async function connections(by: Attacker, ready: () => void): Promise<void> {
  ready()
  const open = (): Promise<never> => forever(async () => (await by.upgraded())?.on('error', () => undefined))
  await Promise.all(Array.from({ length: 8 }, open))
}

async function slowHttp(by: Attacker, ready: () => void): Promise<void> {
  ready()
  const trickle = (): Promise<never> =>
    forever(async () => {
      const socket = await by.raw()
      if (socket === undefined) return pause(20)
      socket.on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: re')
      while (!socket.destroyed) {
        socket.write('x')
        await pause(100)
      }
    })
  await Promise.all(Array.from({ length: 500 }, trickle))
}

/** Every one a sign-up whose signature is nobody's. */
async function signUps(by: Attacker, ready: () => void): Promise<void> {
  let visitor = await by.visitor()
  ready()
  await forever(async () => {
    if (visitor.line.closed) visitor = await by.visitor(visitor.account)
    const value = { protocol: 1, handle: 'crowd', genesis: visitor.account.genesis, signature: new Uint8Array(64) }
    await Promise.all(Array.from({ length: 100 }, () => visitor.ask({ case: 'signUp', value })))
  })
}

export const attacks: Readonly<Record<string, Attack>> = {
  connections,
  'slow-http': slowHttp,
  'sign-ups': signUps,
  lookups: flood(() => ({ case: 'lookup', value: { handle: 'nobody-there' } })),
  offers: flood(() => ({ case: 'offerOpen', value: { offer: random(16), commit: random(32) } })),
  'key-packages': async (by, ready) => {
    const { account } = await by.person('victim')
    await flood(() => ({ case: 'takeKeyPackages', value: { account: account.bytes, suite: 1 } }))(by, ready)
  },
  appends: (by, ready) => appends(by, ready, 900, 500),
  'large-appends': (by, ready) => appends(by, ready, 1_000_000, 4),
  'greedy-reads': greedyReads,
  'slow-reads': slowReads,
  'tiny-frames': stream(() => many(2000, webSocketFrame(0x82, requestBytes(1, { case: 'ping', value: {} })))),
  pings: stream(() => many(2000, webSocketFrame(0x89, new Uint8Array(0)))),
  'huge-frames': stream(() => webSocketFrame(0x82, new Uint8Array(4 * 2 ** 20))),
  bombs: stream(() => webSocketFrame(0xc2, gzipSync(new Uint8Array(50 * 2 ** 20)))),
}
