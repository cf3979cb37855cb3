import { FailureCode, type Frame, FrameSchema, fromBinary, isModest, type Request } from '@quintet/wire'
import { type Answer, outcomeOf, pushFrame, refusalOf, responseFrame } from '../answer.ts'
import type { RelaySocket } from '../ports/runtime.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { answerRequest, type Visit } from './dispatch.ts'
import type { Listener } from './hub.ts'

/** As so many new connections. */
const costOfBreaking = 250

/** That much waits on any busy connection. */
const unheededBytes = 256 * 1024
/** With more than that on its way a device is given no more to read. */
const enoughBytes = 1024 * 1024
const lookAgainMs = 20

/** After each refusal nothing is read for a while, longer where the request was long: asking again costs time. ms, bytes a ms. */
const restMs = 5
const refusedBytesPerMs = 1000

interface SessionEvents {
  readonly onEnter: (session: Session) => void
  readonly onEnd: (session: Session) => void
}

/** One connection, from its greeting to its end. */
export class Session implements Listener, Visit {
  readonly challenge: Uint8Array
  /** When it last asked for something. */
  activeAtMs: number
  caller: Caller | undefined
  private readonly core: RelayCore
  private readonly socket: RelaySocket
  private readonly onEnter: (session: Session) => void
  private readonly onEnd: (session: Session) => void
  private inFlight = 0
  private refusals = { sinceMs: 0, times: 0 }
  private held = false
  private resting = false
  private ended = false

  constructor(core: RelayCore, socket: RelaySocket, challenge: Uint8Array, { onEnter, onEnd }: SessionEvents) {
    this.core = core
    this.socket = socket
    this.challenge = challenge
    this.onEnter = onEnter
    this.onEnd = onEnd
    this.activeAtMs = core.runtime.clock.now()
  }

  get address(): string {
    return this.socket.address
  }

  /** Takes one frame. Whatever it holds, the relay lives on. */
  receive(bytes: Uint8Array): void {
    if (this.ended) return
    if (bytes.length > this.core.policy().maxFrameBytes) {
      this.broke()
      this.dismiss(FailureCode.TOO_LARGE, 'The frame is too large.')
      return
    }
    const frame = parseFrame(bytes, this.caller === undefined ? strangersFields : maxFields)
    if (frame?.kind.case !== 'request' || frame.kind.value.id === 0) {
      this.core.observer.count('frames-malformed')
      this.broke()
      this.dismiss(FailureCode.MALFORMED, 'That is no request.')
      return
    }
    this.take(frame.kind.value, bytes.length)
  }

  /** Whoever does what no client does may do so again only after a while: it costs their address so many connections. */
  broke(): void {
    this.core.limits.charge('connectsPerAddress', this.address, costOfBreaking)
  }

  get isStranger(): boolean {
    return this.caller === undefined
  }

  /** Before it has signed in it sent more than that takes. */
  overdid(): void {
    this.broke()
    this.dismiss(FailureCode.TOO_LARGE, 'That is too much for a device that has not signed in.')
  }

  get isOver(): boolean {
    return this.ended
  }

  private take(request: Request, length: number): void {
    const { maxInFlight } = this.core.policy()
    if (this.inFlight >= 4 * maxInFlight) {
      this.dismiss(FailureCode.RATE_LIMITED, 'Too many requests at once.')
      return
    }
    this.inFlight++
    this.activeAtMs = this.core.runtime.clock.now()
    this.hold()
    const startedMs = this.core.runtime.clock.now()
    let answered = false
    const reply = (answer: Answer): void => {
      if (answered) return
      answered = true
      this.inFlight--
      this.hold()
      const ms = this.core.runtime.clock.now() - startedMs
      this.core.observer.answered(request.call.case ?? 'unknown', outcomeOf(answer), ms)
      this.push(responseFrame(request.id, answer))
      if (answer.case === 'failure' && answer.value.code === FailureCode.RATE_LIMITED) this.refused(length)
    }
    const failed = (error: unknown): void => {
      this.core.observer.fault(`answering ${request.call.case ?? 'unknown'}`, error)
      reply(refusalOf(error))
    }
    try {
      const work = answerRequest(this.core, this, request, reply)
      if (work instanceof Promise) work.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** Reads on or not, by what is under way. */
  private hold(): void {
    const { maxInFlight } = this.core.policy()
    const on = this.resting || this.inFlight >= (this.held ? maxInFlight / 2 : maxInFlight)
    if (this.held === on) return
    this.held = on
    this.socket.hold?.(on)
  }

  private rest(ms: number): void {
    if (this.resting || this.socket.hold === undefined) return
    this.resting = true
    this.hold()
    this.core.runtime.clock.after(ms, () => {
      this.resting = false
      this.hold()
    })
  }

  /** Resolves when the network has taken most of what was sent: whoever reads slowly is read for as slowly. */
  async taken(): Promise<void> {
    while (!this.ended && this.socket.bufferedBytes() > enoughBytes)
      await new Promise<void>((resolve) => void this.core.runtime.clock.after(lookAgainMs, resolve))
  }

  push(frame: Uint8Array): void {
    if (this.ended) return
    this.socket.send(frame)
    const waiting = this.socket.bufferedBytes()
    if (waiting > this.core.policy().maxBufferedBytes) this.dismissSlow(waiting)
    else if (waiting > unheededBytes) this.core.backlog.note(this, waiting)
  }

  get waitingBytes(): number {
    return this.socket.bufferedBytes()
  }

  /** It takes too slowly what is sent to it: it hears so if it takes the rest before long. */
  private dismissSlow(waiting: number): void {
    this.core.observer.count('slow-readers-closed')
    this.broke()
    const message = 'This device takes too slowly what is sent to it.'
    this.socket.send(pushFrame({ case: 'goodbye', value: { code: FailureCode.RATE_LIMITED, message } }))
    this.end()
    this.core.backlog.note(this, waiting)
  }

  /** Nothing that waits for it is kept any longer. */
  cutOff(): void {
    if (!this.ended) this.core.observer.count('slow-readers-closed')
    this.end()
    this.socket.terminate?.()
  }

  /** One that goes on asking however often it is refused costs more than it may. */
  private refused(length: number): void {
    this.rest(restMs + length / refusedBytesPerMs)
    const now = this.core.runtime.clock.now()
    if (Math.abs(now - this.refusals.sinceMs) >= 60_000) this.refusals = { sinceMs: now, times: 0 }
    if (++this.refusals.times < this.core.policy().refusalsPerMinute || this.ended) return
    this.broke()
    if (this.caller) this.core.limits.shutOut(this.caller.device)
    this.dismiss(FailureCode.RATE_LIMITED, 'That was too often; come back in a minute.')
  }

  offerMessage(offer: Uint8Array, index: number, message: Uint8Array): void {
    this.push(pushFrame({ case: 'offerMessage', value: { offer, index, message } }))
  }

  /** Lets the device in; a connection that it had before ends. */
  enter(caller: Caller): void {
    if (this.ended) return
    this.leaveHub()
    this.caller = caller
    this.onEnter(this)
    const before = this.core.hub.enter(caller.account, caller.device, this)
    if (before !== this) before?.dismiss(FailureCode.CONFLICT, 'This device has connected again.')
    this.core.progress.saw(caller.device)
  }

  dismiss(code: FailureCode, message: string): void {
    this.push(pushFrame({ case: 'goodbye', value: { code, message } }))
    this.end()
  }

  private end(): void {
    if (this.ended) return
    this.closed()
    this.socket.close()
  }

  /** The network has closed it. */
  closed(): void {
    if (this.ended) return
    this.ended = true
    this.core.offers.detach(this)
    this.leaveHub()
    this.onEnd(this)
  }

  private leaveHub(): void {
    if (this.caller === undefined) return
    this.core.hub.leave(this.caller.account, this.caller.device, this)
    if (this.ended) this.core.progress.saw(this.caller.device)
  }
}

/** Fields of a request: an acknowledgement of some thousand chats has as many. */
const maxFields = 20_000
/** Of one who has not signed in: logs of 256 accounts. */
const strangersFields = 2000

/** What later versions add to a frame is left out: nothing that is kept or passed on stands outside what was signed. */
function parseFrame(bytes: Uint8Array, fields: number): Frame | undefined {
  if (!isModest(FrameSchema, bytes, fields)) return undefined
  try {
    return fromBinary(FrameSchema, bytes, { readUnknownFields: false })
  } catch {
    return undefined
  }
}
