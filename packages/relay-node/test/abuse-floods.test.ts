import { bytesOf, type ChatId } from '@quintet/domain'
import type { OwnerPolicy } from '@quintet/relay'
import { chatIdOf, expectAnswer, outcome, policyFor, type TestAccount, TestDevice } from '@quintet/relay/testing'
import { create, type Frame, FrameSchema, fromBinary, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { comeBack, Host, person, random, visitor } from './host.ts'

type Asked = Parameters<TestDevice['ask']>[0]
type Answered = Awaited<ReturnType<TestDevice['ask']>>

/** A relay, somebody who floods it, and somebody whom it must not concern. */
async function flooded(host: Host, policy: Partial<OwnerPolicy>) {
  const { url } = await host.start({ policy })
  return { url, eve: await person(url, 'eve'), alice: await person(url, 'alice') }
}

const isWell = async (device: TestDevice): Promise<void> =>
  expect(outcome(await device.ask({ case: 'lookup', value: { handle: 'alice' } }))).toBe('done')

/** How often each was answered how, all asked at once. */
async function all(asks: readonly Promise<Answered>[]): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(asks.map((each) => each.then(outcome).catch(() => 'closed')))
  return new Set(answers)
}

async function ownChat(device: TestDevice): Promise<ChatId> {
  const chat = chatIdOf(random(32))
  await device.createChat(chat, policyFor('group', device.account, [device.account]))
  return chat
}

const many = <T>(times: number, each: (at: number) => T): readonly T[] =>
  Array.from({ length: times }, (_, at) => each(at))

test('appends, commits, requests, lookups, offers and key packages that come too often are refused as that, and only there', async () => {
  await using host = new Host()
  const small = { burst: 20, perMinute: 1 }
  const { eve, alice } = await flooded(host, {
    appends: small,
    commits: small,
    lookups: small,
    offersPerAddress: 5,
    keyPackagesPerDayForStrangers: 3,
  })
  const chat = await ownChat(eve)
  const floods: readonly (readonly [number, (at: number) => Promise<Answered>])[] = [
    [40, (at) => eve.say(chat, 1n, BigInt(at + 1), 'flood')],
    [40, () => eve.createChat(chatIdOf(random(32)), policyFor('group', eve.account, [eve.account]))],
    [40, () => eve.ask({ case: 'lookup', value: { handle: 'alice' } })],
    [10, () => eve.ask({ case: 'offerOpen', value: { offer: random(16), commit: random(32) } })],
    [10, () => eve.ask({ case: 'takeKeyPackages', value: { account: alice.account.bytes, suite: 1 } })],
  ]
  for (const [times, ask] of floods) {
    expect([...(await all(many(times, ask)))].sort()).toEqual(['RATE_LIMITED', 'done'])
  }
  await isWell(alice)
  expect(outcome(await alice.say(await ownChat(alice), 1n, 1n, 'text'))).toBe('done')
})

test('a device writes so many bytes, by messages or commits, until it has to wait', async () => {
  await using host = new Host()
  const { eve, alice } = await flooded(host, { writtenBytes: { burst: 200_000, perMinute: 1 } })
  const chat = await ownChat(eve)
  const text = 'x'.repeat(30_000)
  expect([...(await all(many(10, (at) => eve.say(chat, 1n, BigInt(at + 1), text))))].sort()).toContain('RATE_LIMITED')
  await all(many(500, (at) => eve.say(chat, 1n, BigInt(at + 100), 'text')))
  const policy = policyFor('group', eve.account, [eve.account])
  const commits = await all(many(200, (at) => eve.commit({ chat, epoch: 1n, sender: 0, salt: at }, policy)))
  expect(commits).toContain('RATE_LIMITED')
  expect(outcome(await alice.say(await ownChat(alice), 1n, 1n, text))).toBe('done')
})

test('sign-ups and other visits of one address are refused before their signatures cost anything', async () => {
  await using host = new Host()
  const { url, alice } = await flooded(host, { signUpsPerAddress: { burst: 4, perMinute: 1 } })
  const visitors = await Promise.all(many(4, () => visitor(url)))
  const answers = await Promise.all(visitors.map((each, at) => each.signUp(`crowd-${at}`)))
  expect(answers.map(outcome).filter((each) => each === 'RATE_LIMITED')).toHaveLength(2)
  const late = await visitor(url)
  // Nothing of it is looked at: the signature is nobody's.
  const value = { protocol: 1, handle: 'late', genesis: late.account.genesis, signature: new Uint8Array(64) }
  expect(outcome(await late.ask({ case: 'signUp', value }))).toBe('RATE_LIMITED')
  await isWell(alice)
})

test('one that goes on asking however often it is refused is shown out, and let in again after a minute only', async () => {
  await using host = new Host()
  const { url, eve, alice } = await flooded(host, { requests: { burst: 10, perMinute: 1 }, refusalsPerMinute: 50 })
  const asked = await all(many(200, () => eve.ask({ case: 'ping', value: {} })))
  expect([...asked].sort()).toEqual(['RATE_LIMITED', 'closed', 'done'])
  expect((await eve.line.hears('goodbye')).message).toMatch(/too often/)
  const again = await TestDevice.open(eve.account, eve.keys, (onFrame, onClose) => wire(url, onFrame, onClose))
  const refused = expectAnswer(await again.signIn(), 'failure')
  expect([outcome({ case: 'failure', value: refused }), refused.retryAfterMs > 0n]).toEqual(['RATE_LIMITED', true])
  await isWell(alice)
})

async function wire(url: string, onFrame: (bytes: Uint8Array) => void, onClose: () => void) {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`)
  ws.on('message', (data: Buffer) => onFrame(new Uint8Array(data)))
  ws.on('close', onClose)
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
  return { send: (bytes: Uint8Array) => ws.send(bytes), close: () => ws.close() }
}

const requestBytes = (id: number, call: Asked): Uint8Array =>
  toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id, call } } }))

/** A device of that account that asks for all of a chat again and again and takes nothing of what it gets. */
class SlowReader {
  readonly frames: Buffer[] = []
  closed = false
  private readonly ws: WebSocket

  private constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data: Buffer) => void this.frames.push(data))
    ws.on('close', () => (this.closed = true))
    ws.on('error', () => undefined)
  }

  static async open(url: string, account: TestAccount): Promise<SlowReader> {
    let ws: WebSocket | undefined
    const device = await TestDevice.open(account, account.first, async (onFrame, onClose) => {
      ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`)
      ws.on('message', (data: Buffer) => onFrame(new Uint8Array(data)))
      ws.on('close', onClose)
      const opened = ws
      await new Promise((resolve) => opened.once('open', resolve))
      return { send: (bytes) => opened.send(bytes), close: () => opened.close() }
    })
    expectAnswer(await device.signIn(), 'authenticated')
    if (ws === undefined) throw new Error('it is open')
    ws.removeAllListeners('message')
    ws.pause()
    return new SlowReader(ws)
  }

  ask(chat: ChatId, times: number): void {
    for (let id = 1; id <= times; id++) {
      this.ws.send(requestBytes(1000 + id, { case: 'fetch', value: { chat: bytesOf(chat) } }))
    }
  }

  takeAll(): void {
    this.ws.resume()
  }

  /** Takes what came; the last word before the end. */
  async lastWord(): Promise<string> {
    this.takeAll()
    await expect.poll(() => this.closed, { timeout: 20_000 }).toBe(true)
    const { kind } = fromBinary(FrameSchema, this.frames.at(-1) ?? new Uint8Array())
    return kind.case === 'push' && kind.value.kind.case === 'goodbye' ? kind.value.kind.value.message : 'none'
  }
}

async function metric(url: string, what: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`what="${what}"\\} ([0-9]+)`).exec(text)?.[1] ?? 0)
}

/** Messages of 10 KB in a chat of their own. */
async function fullChat(device: TestDevice, messages: number): Promise<ChatId> {
  const chat = await ownChat(device)
  const text = 'x'.repeat(10_000)
  for (let n = 1; n <= messages; n++) await device.say(chat, 1n, BigInt(n), text)
  return chat
}

test('who asks for much and takes nothing of it is let go with a word, when so much waits', async () => {
  await using host = new Host()
  const { url, eve, alice } = await flooded(host, { maxBufferedBytes: 2 ** 19, refusalsPerMinute: 1000 })
  const chat = await fullChat(eve, 100)
  const slow = await SlowReader.open(url, eve.account)
  slow.ask(chat, 200)
  await expect.poll(() => metric(url, 'slow-readers-closed'), { timeout: 20_000 }).toBe(1)
  await isWell(alice)
  expect(await slow.lastWord()).toMatch(/takes too slowly/)
  expect(Buffer.concat(slow.frames).length).toBeLessThan(32 * 2 ** 20)
  await isWell(await comeBack(eve, url))
})

/** A bare connection, and the frames that came on it. */
async function bare(url: string) {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`)
  const frames: Frame[] = []
  ws.on('message', (data: Buffer) => void frames.push(fromBinary(FrameSchema, data)))
  const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()))
  ws.on('error', () => undefined)
  await new Promise((resolve) => ws.once('open', resolve))
  return { ws, frames, closed }
}

test('requests that come all at once are answered one after the other, and others in between', async () => {
  await using host = new Host()
  const { url, alice } = await flooded(host, {})
  const { ws, frames } = await bare(url)
  for (let id = 1; id <= 2000; id++) ws.send(requestBytes(id, { case: 'ping', value: {} }))
  await isWell(alice)
  const ids = () => frames.flatMap(({ kind }) => (kind.case === 'response' ? [kind.value.id] : []))
  await expect.poll(() => ids().length, { timeout: 20_000 }).toBe(2000)
  expect(ids()).toEqual(many(2000, (at) => at + 1))
  ws.terminate()
})

test('who sends more than signing in takes is shown out with a word, and no more is read of what comes after', async () => {
  await using host = new Host()
  const { url, alice } = await flooded(host, {})
  const { ws, frames, closed } = await bare(url)
  const accounts = many(256, () => ({ account: random(32) }))
  for (let id = 1; id <= 200; id++) ws.send(requestBytes(id, { case: 'logs', value: { accounts: [...accounts] } }))
  await closed
  const last = frames.at(-1)?.kind
  expect(last?.case === 'push' && last.value.kind.case === 'goodbye' ? last.value.kind.value.message : '').toMatch(
    /not signed in/,
  )
  expect(frames.length).toBeLessThan(100)
  await isWell(alice)
})

test('who takes slowly what was asked for is read for as slowly, and gets all of it', async () => {
  await using host = new Host()
  const { url, eve, alice } = await flooded(host, { readBytes: { burst: 2 ** 30, perMinute: 2 ** 30 } })
  const chat = await fullChat(eve, 40)
  const slow = await SlowReader.open(url, eve.account)
  slow.ask(chat, 100)
  await isWell(alice)
  slow.takeAll()
  await expect.poll(() => slow.frames.length, { timeout: 20_000 }).toBe(100)
  expect(await metric(url, 'slow-readers-closed')).toBe(0)
})

test('many slow readers together leave no more waiting than all may; those go who left most', async () => {
  await using host = new Host()
  const policy = { maxBufferedBytesOfAll: 3 * 2 ** 20 }
  const { url, alice } = await flooded(host, policy)
  const people = await Promise.all(many(4, (at) => person(url, `slow-${at}`)))
  const readers: SlowReader[] = []
  for (const each of people) {
    const chat = await fullChat(each, 60)
    const slow = await SlowReader.open(url, each.account)
    readers.push(slow)
    slow.ask(chat, 25)
  }
  await expect.poll(() => metric(url, 'slow-readers-closed'), { timeout: 20_000 }).toBeGreaterThan(0)
  await isWell(alice)
  expect(await metric(url, 'slow-readers-closed')).toBeLessThan(4)
})
