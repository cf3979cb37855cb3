import { bytesOf } from '@quintet/domain'
import { authMessage } from '@quintet/identity'
import {
  create,
  type Failure,
  FailureCode,
  FrameSchema,
  fromBinary,
  type Greeting,
  isModest,
  type MessageInitShape,
  protocolVersion,
  type Push,
  type RequestSchema,
  toBinary,
} from '@quintet/wire'
import type { ClientError } from '../error.ts'
import { isPlausible } from '../plausible.ts'
import type { Clock, Random, Socket, Transport } from '../ports.ts'
import { backoffMs } from './backoff.ts'
import { clientErrorOfFailure, incompatibleError, offlineError } from './failure.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import {
  type AnswerName,
  type AnswerOf,
  type CallInit,
  type CallName,
  ConnectionLost,
  type LinkState,
  RelayFailure,
  type RelayLink,
} from './link.ts'
import { createPendingCalls, type PendingCalls } from './pending-calls.ts'
import { socketUrl } from './socket-url.ts'
import { steady } from '../steady.ts'

/** How long a socket may take to open and be greeted, ms. */
const greetingMs = 10_000
const defaultHeartbeatMs = 30_000
/** Whatever a relay wishes: a device neither asks without a pause, nor takes a dead connection for a live one for long. */
const minHeartbeatMs = 1000
const maxHeartbeatMs = 10 * 60_000

type Identity = Parameters<RelayLink['useIdentity']>[0]

/** One socket to the relay, from its opening to its end. */
interface Connection {
  readonly calls: PendingCalls
  readonly socket: Socket
  greeting: Greeting | undefined
  heartbeat: Heartbeat | undefined
  cancelGreeting: () => void
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: ClientError) => void
}

export interface RelayLinkOptions {
  readonly url: string
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
}

/**
 * The link to one relay. Nothing goes out before `start` or the first `online`.
 *
 * What the relay sends and cannot be read ends that connection and is counted, never thrown.
 */
export function createRelayLink({
  url,
  transport,
  clock,
  random,
}: RelayLinkOptions): RelayLink & { readonly malformed: number } {
  const target = socketUrl(url)
  let state: LinkState = 'idle'
  let connection: Connection | undefined
  let identity: Identity | undefined
  let refusal: ClientError | undefined
  let final = false
  let failures = 0
  let malformed = 0
  let cancelRetry: (() => void) | undefined
  const waiters = new Set<Waiter>()
  const pushListeners = new Set<(push: Push) => void>()
  const stateListeners = new Set<(state: LinkState) => void>()

  function enter(next: LinkState): void {
    if (state === next) return
    state = next
    for (const listener of [...stateListeners]) listener(next)
  }

  function settleWaiters(error: ClientError | undefined): void {
    const all = [...waiters]
    waiters.clear()
    for (const waiter of all) error === undefined ? waiter.resolve() : waiter.reject(error)
  }

  function connect(): void {
    cancelRetry?.()
    cancelRetry = undefined
    if (connection !== undefined || state === 'ended') return
    if (target === undefined) {
      refuse(incompatibleError(), true)
      return
    }
    if (state !== 'refused') enter('connecting')
    const opened: { current?: Connection } = {}
    const socket = transport.open(target, {
      opened() {},
      frame(bytes) {
        if (opened.current !== undefined && opened.current === connection) receive(opened.current, bytes)
      },
      closed() {
        if (opened.current !== undefined) drop(opened.current)
      },
    })
    const made: Connection = {
      calls: createPendingCalls(),
      socket,
      greeting: undefined,
      heartbeat: undefined,
      cancelGreeting: () => {},
    }
    made.cancelGreeting = clock.after(greetingMs, () => drop(made))
    opened.current = made
    connection = made
  }

  /** Ends a connection, rejects what waits on it and plans the next one. */
  function drop(ended: Connection): void {
    ended.cancelGreeting()
    ended.heartbeat?.stop()
    ended.calls.lost()
    if (ended !== connection) return
    connection = undefined
    ended.socket.close()
    if (state === 'ended' || final) return
    if (state !== 'refused') enter('offline')
    cancelRetry = clock.after(backoffMs(failures, random), connect)
    failures += 1
  }

  function refuse(reason: ClientError, forGood: boolean): void {
    refusal = reason
    final = final || forGood
    enter('refused')
    settleWaiters(reason)
    if (connection !== undefined) drop(connection)
  }

  function refuseBy(failure: Pick<Failure, 'code'>, on: Connection): void {
    if (on !== connection) return
    if (failure.code === FailureCode.UNLINKED || failure.code === FailureCode.ACCOUNT_CLOSED) {
      refuse(reasonOf(failure.code), true)
      return
    }
    if (failure.code === FailureCode.SUSPENDED || failure.code === FailureCode.INCOMPATIBLE) {
      refuse(reasonOf(failure.code), false)
      return
    }
    drop(on)
  }

  function garbled(on: Connection): void {
    malformed += 1
    // Who does not even greet as a relay of ours does will not do so by being asked for as long as one waits.
    if (on.greeting === undefined) refuse(incompatibleError(), false)
    else drop(on)
  }

  function receive(on: Connection, bytes: Uint8Array): void {
    const kind = parseFrame(bytes)
    if (kind === undefined || (kind.case === 'greeting') !== (on.greeting === undefined)) {
      garbled(on)
      return
    }
    on.heartbeat?.heard()
    if (kind.case === 'greeting') {
      greeted(on, kind.value)
      return
    }
    if (kind.case === 'response') {
      if (!on.calls.answered(kind.value)) garbled(on)
      return
    }
    if (kind.value.kind.case === 'goodbye') {
      refuseBy(kind.value.kind.value, on)
      return
    }
    for (const listener of [...pushListeners]) listener(kind.value)
  }

  function greeted(on: Connection, greeting: Greeting): void {
    on.cancelGreeting()
    on.greeting = greeting
    if (greeting.protocolMin > protocolVersion || greeting.protocolMax < protocolVersion) {
      refuse(incompatibleError(), false)
      return
    }
    const wished = Number(greeting.policy?.heartbeatMs ?? 0n) || defaultHeartbeatMs
    on.heartbeat = startHeartbeat({
      clock,
      everyMs: Math.min(maxHeartbeatMs, Math.max(minHeartbeatMs, wished)),
      oldestCall: on.calls.oldest,
      ping: () => void send(on, 'ping', {}, 'done').catch(() => {}),
      dead: () => drop(on),
    })
    if (identity === undefined) ready(on)
    else void authenticate(on, identity)
  }

  function ready(on: Connection): void {
    if (on !== connection) return
    failures = 0
    refusal = undefined
    enter('online')
    settleWaiters(undefined)
  }

  async function authenticate(on: Connection, who: Identity): Promise<void> {
    const { greeting } = on
    if (greeting === undefined) return
    try {
      const signature = await who.sign(
        authMessage({
          incarnation: greeting.incarnation,
          challenge: greeting.challenge,
          account: who.account,
          device: who.device,
        }),
      )
      const device = { account: bytesOf(who.account), device: bytesOf(who.device) }
      await send(on, 'authenticate', { protocol: protocolVersion, ...device, signature }, 'authenticated').catch(
        async (error: unknown) => {
          const lost = error instanceof RelayFailure && error.failure.code === FailureCode.UNKNOWN_ACCOUNT
          const again = lost ? who.comeBack?.(greeting.incarnation) : undefined
          if (again === undefined) throw error
          await send(on, 'signUp', { protocol: protocolVersion, ...again, signature }, 'signedUp')
        },
      )
      ready(on)
    } catch (error) {
      if (error instanceof RelayFailure) refuseBy(error.failure, on)
      else drop(on)
    }
  }

  function send<K extends CallName, A extends AnswerName>(
    on: Connection,
    name: K,
    init: CallInit<K>,
    answer: A,
  ): Promise<AnswerOf<A>> {
    const { id, settled } = on.calls.add(answer, steady(clock))
    on.socket.send(encodeRequest(id, name, init))
    return settled
  }

  return {
    url,
    get state() {
      return state
    },
    get greeting() {
      return connection?.greeting
    },
    get refusal() {
      return state === 'refused' ? refusal : undefined
    },
    get malformed() {
      return malformed
    },
    start() {
      if (state === 'idle') connect()
    },
    async end() {
      enter('ended')
      cancelRetry?.()
      settleWaiters(offlineError())
      if (connection !== undefined) drop(connection)
    },
    async useIdentity(who) {
      identity = who
      if (connection?.greeting === undefined || state !== 'online') return
      enter('connecting')
      await authenticate(connection, who)
    },
    async online(waitMs) {
      if (state === 'online') return
      if (state === 'ended') throw offlineError()
      if (final && refusal !== undefined) throw refusal
      let cancel = () => {}
      await new Promise<void>((resolve, reject) => {
        const waiter = { resolve, reject }
        waiters.add(waiter)
        cancel = clock.after(waitMs, () => {
          waiters.delete(waiter)
          reject(refusal !== undefined && state === 'refused' ? refusal : offlineError())
        })
        // Somebody waits: the next try need not.
        connect()
      }).finally(() => cancel())
    },
    call(name, init, answer) {
      if (connection === undefined || state !== 'online') return Promise.reject(new ConnectionLost('not connected'))
      return send(connection, name, init, answer)
    },
    onPush(listener) {
      pushListeners.add(listener)
      return () => pushListeners.delete(listener)
    },
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
  }
}

function reasonOf(code: FailureCode): ClientError {
  return clientErrorOfFailure({ code, retryAfterMs: 0n })
}

/** Fields of a frame: the standing of some thousand chats, or logs of 256 accounts, have fewer. */
const maxFields = 250_000

/** Undefined for what is no frame, or none that a relay sends. */
function parseFrame(bytes: Uint8Array) {
  if (!isModest(FrameSchema, bytes, maxFields)) return undefined
  try {
    const { kind } = fromBinary(FrameSchema, bytes, { readUnknownFields: false })
    return kind.case === undefined || kind.case === 'request' || !isPlausible(kind.value) ? undefined : kind
  } catch {
    return undefined
  }
}

function encodeRequest<K extends CallName>(id: number, name: K, value: CallInit<K>): Uint8Array {
  // Name and value are one member of the union; a generic name cannot be followed into it without saying so.
  const call = { case: name, value } as NonNullable<MessageInitShape<typeof RequestSchema>['call']>
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id, call } } }))
}
