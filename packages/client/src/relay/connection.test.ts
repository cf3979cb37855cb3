import { parseAccountBytes, parseDeviceBytes } from '@quintet/domain'
import { authMessage, ed25519PublicKey, ed25519Signer, verifySignature } from '@quintet/identity'
import {
  create,
  FailureCode,
  FrameSchema,
  fromBinary,
  type MessageInitShape,
  type Request,
  type ResponseSchema,
  toBinary,
} from '@quintet/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Clock, Random, Transport } from '../ports.ts'
import { createRelayLink } from './connection.ts'
import { ConnectionLost, type LinkState } from './link.ts'

/** A clock that stands still until told; `pass` runs what falls due, in order. */
function stoppedClock() {
  let now = 1_000_000
  let tasks: { at: number; task: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    after(ms, task) {
      const entry = { at: now + ms, task }
      tasks.push(entry)
      return () => {
        tasks = tasks.filter((other) => other !== entry)
      }
    },
  }
  function pass(ms: number): void {
    const end = now + ms
    for (;;) {
      const next = tasks.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      tasks = tasks.filter((entry) => entry !== next)
      now = next.at
      next.task()
    }
    now = end
  }
  return { clock, pass }
}

type Result = NonNullable<MessageInitShape<typeof ResponseSchema>['result']>

/** One connection as the relay sees it. */
class FakeConnection {
  readonly requests: Request[] = []
  closedByClient = false
  readonly on: { opened(): void; frame(bytes: Uint8Array): void; closed(): void }
  constructor(on: FakeConnection['on']) {
    this.on = on
  }
  greet(fields: { readonly protocolMin?: number; readonly protocolMax?: number } = {}): void {
    this.on.opened()
    const value = {
      protocolMin: 1,
      protocolMax: 1,
      incarnation: new Uint8Array(16),
      challenge: new Uint8Array(32).fill(7),
      policy: { heartbeatMs: 20_000n },
      ...fields,
    }
    this.on.frame(toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'greeting', value } })))
  }
  answer(id: number, result: Result): void {
    this.on.frame(toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'response', value: { id, result } } })))
  }
  goodbye(code: FailureCode): void {
    this.on.frame(
      toBinary(
        FrameSchema,
        create(FrameSchema, { kind: { case: 'push', value: { kind: { case: 'goodbye', value: { code } } } } }),
      ),
    )
  }
  last(): Request {
    const request = this.requests.at(-1)
    if (request === undefined) throw new Error('nothing was asked')
    return request
  }
}

function fakeRelay() {
  const connections: FakeConnection[] = []
  const urls: string[] = []
  const transport: Transport = {
    open(url, on) {
      const connection = new FakeConnection(on)
      connections.push(connection)
      urls.push(url)
      return {
        send(bytes) {
          const { kind } = fromBinary(FrameSchema, bytes)
          if (kind.case === 'request') connection.requests.push(kind.value)
        },
        close() {
          connection.closedByClient = true
        },
      }
    },
  }
  return { transport, connections, urls }
}

const random: Random = { bytes: (length) => new Uint8Array(length).fill(128) }
const secret = new Uint8Array(32).fill(9)
const account = parseAccountBytes(new Uint8Array(32).fill(1)) ?? fail()
const device = parseDeviceBytes(new Uint8Array(16).fill(2)) ?? fail()
const identity = { account, device, sign: ed25519Signer(secret) }

function fail(): never {
  throw new Error('a test id does not parse')
}

/** Lets promises that are settled already run their continuations. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the link to a relay', () => {
  let relay: ReturnType<typeof fakeRelay>
  let time: ReturnType<typeof stoppedClock>
  let link: ReturnType<typeof createRelayLink>
  let states: LinkState[]
  const newest = () => relay.connections.at(-1) ?? fail()

  beforeEach(() => {
    relay = fakeRelay()
    time = stoppedClock()
    link = createRelayLink({ url: 'http://127.0.0.1:4747', transport: relay.transport, clock: time.clock, random })
    states = []
    link.onState((state) => states.push(state))
  })

  test('is online once the relay has greeted, and an answer finds its question', async () => {
    link.start()
    newest().greet()
    await link.online(1000)
    expect(relay.urls).toEqual(['ws://127.0.0.1:4747/v1/socket'])
    const one = link.call('lookup', { handle: 'ada' }, 'lookedUp')
    const two = link.call('ping', {}, 'done')
    newest().answer(2, { case: 'done', value: {} })
    newest().answer(1, { case: 'lookedUp', value: { account: new Uint8Array(32) } })
    expect((await one).account).toHaveLength(32)
    await two
    expect(states).toEqual(['connecting', 'online'])
  })

  test('a refusal reaches the one who asked, with its code', async () => {
    link.start()
    newest().greet()
    const asked = link.call('lookup', { handle: 'ada' }, 'lookedUp')
    newest().answer(1, { case: 'failure', value: { code: FailureCode.UNKNOWN_HANDLE } })
    await expect(asked).rejects.toMatchObject({ name: 'RelayFailure', failure: { code: FailureCode.UNKNOWN_HANDLE } })
  })

  test('with an account it answers the challenge before it says that it is online', async () => {
    await link.useIdentity(identity)
    link.start()
    newest().greet()
    await turn()
    const { call, id } = newest().last()
    if (call.case !== 'authenticate') return fail()
    const challenge = { incarnation: new Uint8Array(16), challenge: new Uint8Array(32).fill(7), account, device }
    expect(verifySignature(ed25519PublicKey(secret), authMessage(challenge), call.value.signature)).toBe(true)
    expect(link.state).toBe('connecting')
    newest().answer(id, { case: 'authenticated', value: {} })
    await link.online(1000)
  })

  test('what waited for an answer when the connection broke is told so, and the link comes back by itself', async () => {
    link.start()
    newest().greet()
    const asked = link.call('ping', {}, 'done')
    newest().on.closed()
    await expect(asked).rejects.toBeInstanceOf(ConnectionLost)
    await expect(link.call('ping', {}, 'done')).rejects.toBeInstanceOf(ConnectionLost)
    expect(relay.connections).toHaveLength(1)
    time.pass(500)
    expect(relay.connections).toHaveLength(2)
    newest().greet()
    await link.online(1000)
    expect(states).toEqual(['connecting', 'online', 'offline', 'connecting', 'online'])
  })

  test('it tries less and less often, up to every half minute', () => {
    link.start()
    const tries: number[] = []
    for (let minute = 0; minute < 10; minute++) {
      const before = relay.connections.length
      for (let second = 0; second < 60; second++) {
        newest().on.closed()
        time.pass(1000)
      }
      tries.push(relay.connections.length - before)
    }
    expect(tries[0]).toBeGreaterThan(3)
    expect(tries.at(-1)).toBeGreaterThanOrEqual(1)
    expect(tries.at(-1)).toBeLessThanOrEqual(4)
  })

  test('whoever waits for the relay gets `offline` when the time is over', async () => {
    const waiting = link.online(2000)
    time.pass(2000)
    await expect(waiting).rejects.toMatchObject({ code: 'offline' })
  })

  test('a connection that opened and was never greeted is given up', () => {
    link.start()
    newest().on.opened()
    time.pass(11_000)
    expect(relay.connections.length).toBeGreaterThan(1)
    expect(relay.connections[0]?.closedByClient).toBe(true)
  })

  test('a connection that is dead without having ended is found out by a ping', async () => {
    link.start()
    newest().greet()
    time.pass(20_000)
    expect(newest().last().call.case).toBe('ping')
    time.pass(10_000)
    expect(relay.connections[0]?.closedByClient).toBe(true)
    expect(link.state).toBe('offline')
  })

  test('a connection on which something is heard lives on', () => {
    link.start()
    newest().greet()
    for (let beat = 1; beat <= 5; beat++) {
      time.pass(20_000)
      expect(newest().requests).toHaveLength(beat)
      newest().answer(newest().last().id, { case: 'done', value: {} })
    }
    expect(relay.connections).toHaveLength(1)
    expect(link.state).toBe('online')
  })

  test('a relay that answers pings and never the question is left', async () => {
    link.start()
    newest().greet()
    const asked = link.call('lookup', { handle: 'ada' }, 'lookedUp')
    const told = expect(asked).rejects.toBeInstanceOf(ConnectionLost)
    for (let beat = 0; beat < 5 && link.state === 'online'; beat++) {
      time.pass(20_000)
      const request = newest().last()
      if (request.call.case === 'ping') newest().answer(request.id, { case: 'done', value: {} })
    }
    await told
    expect(link.state).not.toBe('online')
  })

  test.each([
    ['bytes that are no frame', (on: FakeConnection) => on.on.frame(new Uint8Array([255, 255, 255]))],
    ['an empty frame', (on: FakeConnection) => on.on.frame(new Uint8Array())],
    ['a second greeting', (on: FakeConnection) => on.greet()],
    ['an answer that nobody asked for', (on: FakeConnection) => on.answer(77, { case: 'done', value: {} })],
  ])('%s from the relay: counted, left, connected anew', (_name, play) => {
    link.start()
    newest().greet()
    play(newest())
    expect(link.malformed).toBe(1)
    expect(link.state).toBe('offline')
    time.pass(500)
    newest().greet()
    expect(link.state).toBe('online')
  })

  test('an answer of another kind harms nobody', async () => {
    link.start()
    newest().greet()
    const asked = link.call('lookup', { handle: 'ada' }, 'lookedUp')
    newest().answer(1, { case: 'done', value: {} })
    await expect(asked).rejects.toBeInstanceOf(ConnectionLost)
    expect(link.malformed).toBe(1)
  })

  test('something that does not greet as a relay of ours is refused in words, and asked again later', async () => {
    const waiting = link.online(5000)
    newest().answer(1, { case: 'done', value: {} })
    await expect(waiting).rejects.toMatchObject({ code: 'relay-incompatible' })
    expect(link.malformed).toBe(1)
    time.pass(1000)
    newest().greet()
    expect(link.state).toBe('online')
  })

  test('a relay of another protocol version is refused in words, and asked again later', async () => {
    const waiting = link.online(5000)
    newest().greet({ protocolMin: 2, protocolMax: 3 })
    await expect(waiting).rejects.toMatchObject({ code: 'relay-incompatible' })
    expect(link.state).toBe('refused')
    expect(link.refusal?.code).toBe('relay-incompatible')
    time.pass(1000)
    newest().greet()
    expect(link.state).toBe('online')
    expect(link.refusal).toBeUndefined()
  })

  test.each([
    [FailureCode.UNLINKED, 'unlinked'],
    [FailureCode.ACCOUNT_CLOSED, 'account-closed'],
  ] as const)('told at the door that it is out (%i), it does not come back', async (code, meaning) => {
    await link.useIdentity(identity)
    const waiting = link.online(5000)
    newest().greet()
    await turn()
    newest().answer(1, { case: 'failure', value: { code } })
    await expect(waiting).rejects.toMatchObject({ code: meaning })
    time.pass(600_000)
    expect(relay.connections).toHaveLength(1)
    await expect(link.online(1000)).rejects.toMatchObject({ code: meaning })
  })

  test('thrown out while connected, it says why and stays away', async () => {
    link.start()
    newest().greet()
    newest().goodbye(FailureCode.UNLINKED)
    expect(link.state).toBe('refused')
    expect(link.refusal?.code).toBe('unlinked')
    time.pass(600_000)
    expect(relay.connections).toHaveLength(1)
  })

  test('a suspended account is told, and comes back when the owner relents', async () => {
    link.start()
    newest().greet()
    newest().goodbye(FailureCode.SUSPENDED)
    expect(link.refusal?.code).toBe('suspended')
    time.pass(60_000)
    newest().greet()
    expect(link.state).toBe('online')
  })

  test('a relay that is about to restart is met again', () => {
    link.start()
    newest().greet()
    newest().goodbye(FailureCode.UNAVAILABLE)
    expect(link.state).toBe('offline')
    time.pass(500)
    expect(relay.connections).toHaveLength(2)
  })

  test('a signature that the relay does not take is no reason to fall silent', async () => {
    await link.useIdentity(identity)
    link.start()
    newest().greet()
    await turn()
    newest().answer(1, { case: 'failure', value: { code: FailureCode.UNAUTHENTICATED } })
    await turn()
    expect(link.state).toBe('offline')
    time.pass(500)
    expect(relay.connections).toHaveLength(2)
  })

  test('ended, it stays ended', async () => {
    link.start()
    newest().greet()
    await link.end()
    time.pass(600_000)
    expect(relay.connections).toHaveLength(1)
    expect(relay.connections[0]?.closedByClient).toBe(true)
    await expect(link.online(1000)).rejects.toMatchObject({ code: 'offline' })
  })

  test('what is no address of a relay is told at once', async () => {
    const lost = createRelayLink({ url: 'ftp://example.org', transport: relay.transport, clock: time.clock, random })
    await expect(lost.online(1000)).rejects.toMatchObject({ code: 'relay-incompatible' })
  })
})
