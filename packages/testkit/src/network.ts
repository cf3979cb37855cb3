import type { Clock, Socket, Transport } from '@quintet/client'
import type { Relay, RelayConnection } from '@quintet/relay'
import { type Frame, FrameSchema, fromBinary, toBinary } from '@quintet/wire'
import { cryptoUnderWay } from './crypto-watch.ts'
import { type CallName, kindOfFrame } from './frame-kind.ts'
import type { Seeded } from './seeded.ts'
import type { Impostor, Passed, SeenFrame, Tamper } from './tamper.ts'

type Direction = SeenFrame['direction']
/** `end`: the other side has closed; it comes after what was sent before. */
type Item = { readonly at: number; readonly bytes: Uint8Array | 'end' }

interface Line {
  readonly device: string
  readonly queues: Readonly<Record<Direction, Item[]>>
  readonly listener: Parameters<Transport['open']>[1]
  /** What each request asked, until it is answered. */
  readonly calls: Map<number, CallName>
  relay: RelayConnection | undefined
  /** Neither side hears the other any more, and nobody is told. */
  silent: boolean
  ended: boolean
  lastAt: number
}

const remembered = 60

/**
 * Everything between devices and relay, frame by frame, each in a turn of its own.
 *
 * Frames of one direction of one connection keep their order; which connection comes next is drawn from the seed, once
 * everybody has come to the end of what they do: so a seed tells the same story on every machine.
 */
export class Network {
  /** Counts frames that mean something: all but heartbeats. */
  activity = 0
  private readonly lines = new Set<Line>()
  private readonly unreachable = new Set<string>()
  private readonly tampers = new Set<Tamper>()
  private readonly impostors = new Map<string, Impostor>()
  private readonly recent: string[] = []
  /** Whoever is still to hear that their connection has ended. */
  private readonly goodbyes: Line[] = []
  private readonly clock: Clock
  private readonly chance: Seeded
  private relay: Relay | undefined
  private delayMs = 0
  private jitterMs = 0
  private turning = false

  constructor(clock: Clock, chance: Seeded) {
    this.clock = clock
    this.chance = chance
  }

  /** The relay that connections lead to; undefined = none runs. Connections to the one before break. */
  serve(relay: Relay | undefined): void {
    this.cut()
    this.relay = relay
  }

  /** One life of a device as the core sees its network; `end` takes it off as a killed process goes. */
  transport(device: string, address: string): Transport & { end(): void } {
    const own = new Set<Line>()
    let alive = true
    return {
      open: (_url, listener): Socket => {
        const line = this.open(device, address, alive ? listener : deaf)
        own.add(line)
        return {
          send: (bytes) => {
            if (alive) this.put(line, 'to-relay', bytes)
          },
          close: () => {
            if (line.silent) this.finish(line, true)
            else this.put(line, 'to-relay', 'end')
          },
        }
      },
      end: () => {
        alive = false
        for (const line of own) this.finish(line, false)
      },
    }
  }

  /** Nothing gets through to or from this device, as when it has no network; it is told so. */
  disconnect(device: string): void {
    this.unreachable.add(device)
    this.cut(device)
  }

  connect(device: string): void {
    this.unreachable.delete(device)
  }

  isReachable(device: string): boolean {
    return !this.unreachable.has(device)
  }

  /** Breaks connections, of one device or of all; what was under way on them is lost. New ones may come at once. */
  cut(device?: string): void {
    for (const line of [...this.lines]) if (device === undefined || line.device === device) this.finish(line, true)
  }

  /** Nothing gets through any more and neither side is told: a pulled plug, a changed network. */
  halfOpen(device: string): void {
    for (const line of this.lines) {
      if (line.device !== device) continue
      line.silent = true
      line.queues['to-device'].length = 0
      line.queues['to-relay'].length = 0
    }
  }

  /** Every frame takes this long from now on, and up to `jitterMs` more. */
  delay(ms: number, jitterMs = 0): void {
    this.delayMs = ms
    this.jitterMs = jitterMs
  }

  /** Shows every frame to `tamper`, in the order in which tampers were set; answers how to stop that. */
  tamper(tamper: Tamper): () => void {
    this.tampers.add(tamper)
    return () => void this.tampers.delete(tamper)
  }

  /** Frames for which it says yes arrive twice. */
  twice(which: (seen: SeenFrame) => boolean): () => void {
    return this.tamper((seen) => (which(seen) ? [seen.frame, seen.frame] : undefined))
  }

  /** The connection breaks just before the first frame for which it says yes arrives: that frame is lost. */
  cutOnce(which: (seen: SeenFrame) => boolean): void {
    const stop = this.tamper((seen) => {
      if (!which(seen)) return undefined
      stop()
      return 'cut'
    })
  }

  /**
   * From now on a device speaks to `impostor` and no more to the relay, for which it has gone; its present connection
   * notices nothing. With undefined, the next connection leads to the relay again.
   */
  takeOver(device: string, impostor: Impostor | undefined): void {
    if (impostor === undefined) {
      this.impostors.delete(device)
      this.cut(device)
      return
    }
    this.impostors.set(device, impostor)
    for (const line of this.lines) {
      if (line.device !== device) continue
      line.relay?.closed()
      line.relay = this.pretend(line, impostor)
    }
  }

  /** Puts a frame of the test's own on a device's connection, as if the relay had sent it. False without one. */
  inject(device: string, frame: Frame): boolean {
    const line = [...this.lines].find((one) => one.device === device && !one.silent && one.relay !== undefined)
    if (line === undefined) return false
    this.put(line, 'to-device', toBinary(FrameSchema, frame))
    return true
  }

  /** Frames that have been sent and have not arrived. */
  get inFlight(): number {
    let count = this.goodbyes.length
    for (const line of this.lines) count += line.queues['to-device'].length + line.queues['to-relay'].length
    return count
  }

  /** Lets what could arrive now arrive, one frame a turn; false when there is nothing. */
  wake(): boolean {
    if (this.ready().length === 0 && this.goodbyes.length === 0) return false
    this.turn()
    return true
  }

  /** The newest frames, for somebody who wonders what went on. */
  get trace(): readonly string[] {
    return this.recent
  }

  private open(device: string, address: string, listener: Line['listener']): Line {
    const queues = { 'to-device': [], 'to-relay': [] }
    const line: Line = {
      device,
      queues,
      listener,
      calls: new Map(),
      relay: undefined,
      silent: false,
      ended: false,
      lastAt: 0,
    }
    this.lines.add(line)
    queueMicrotask(() => line.listener.opened())
    if (this.relay === undefined || !this.isReachable(device)) {
      this.put(line, 'to-device', 'end')
      return line
    }
    const impostor = this.impostors.get(device)
    if (impostor !== undefined) {
      line.relay = this.pretend(line, impostor)
      for (const frame of impostor.greet()) this.put(line, 'to-device', toBinary(FrameSchema, frame))
      return line
    }
    const connection = this.relay.accept({
      send: (bytes) => {
        if (line.relay === undefined || line.relay === connection) this.put(line, 'to-device', bytes)
      },
      close: () => {
        if (line.relay === undefined || line.relay === connection) this.put(line, 'to-device', 'end')
      },
      bufferedBytes: () => 0,
      address,
    })
    line.relay = connection
    return line
  }

  private pretend(line: Line, impostor: Impostor): RelayConnection {
    return {
      receive: (bytes) => {
        for (const frame of impostor.receive(fromBinary(FrameSchema, bytes)))
          this.put(line, 'to-device', toBinary(FrameSchema, frame))
      },
      closed() {},
    }
  }

  private put(line: Line, direction: Direction, bytes: Item['bytes']): void {
    if (line.ended || line.silent) return
    const ms = this.delayMs + (this.jitterMs > 0 ? this.chance.int(this.jitterMs + 1) : 0)
    const at = Math.max(line.lastAt, this.clock.now() + ms)
    line.lastAt = at
    line.queues[direction].push({ at, bytes: bytes === 'end' ? bytes : bytes.slice() })
    if (at > this.clock.now()) this.clock.after(at - this.clock.now(), () => this.turn())
    else this.turn()
  }

  private ready(): readonly (readonly [Line, Direction])[] {
    const now = this.clock.now()
    const found: (readonly [Line, Direction])[] = []
    for (const line of this.lines)
      for (const direction of ['to-device', 'to-relay'] as const)
        if ((line.queues[direction][0]?.at ?? Number.POSITIVE_INFINITY) <= now) found.push([line, direction])
    return found
  }

  private turn(): void {
    if (this.turning) return
    this.turning = true
    setImmediate(() => {
      this.turning = false
      if (cryptoUnderWay() > 0) {
        this.turn()
        return
      }
      const ready = this.ready()
      const gone = this.goodbyes.shift()
      const picked = gone === undefined ? ready[this.chance.int(Math.max(1, ready.length))] : undefined
      if (gone === undefined && picked === undefined) return
      try {
        gone?.listener.closed()
        if (picked !== undefined) this.deliver(...picked)
      } finally {
        // What a listener throws is the test's to hear of; the others go on.
        this.wake()
      }
    })
  }

  private deliver(line: Line, direction: Direction): void {
    const item = line.queues[direction].shift()
    if (item === undefined) return
    if (item.bytes === 'end') {
      this.finish(line, true)
      return
    }
    const frame = fromBinary(FrameSchema, item.bytes)
    const seen: SeenFrame = { direction, device: line.device, frame, call: callOf(line, frame) }
    this.note(seen)
    const passed = this.judge(seen)
    if (passed === 'cut') {
      this.finish(line, true)
      return
    }
    for (const one of passed) {
      const bytes = one === frame ? item.bytes : toBinary(FrameSchema, one)
      if (direction === 'to-device') line.listener.frame(bytes)
      else line.relay?.receive(bytes)
    }
  }

  private judge(seen: SeenFrame): Exclude<Passed, undefined> {
    let frames: readonly Frame[] = [seen.frame]
    for (const tamper of this.tampers) {
      const next: Frame[] = []
      for (const frame of frames) {
        const passed = tamper({ ...seen, frame })
        if (passed === 'cut') return passed
        next.push(...(passed ?? [frame]))
      }
      frames = next
    }
    return frames
  }

  private note(seen: SeenFrame): void {
    if (seen.call === 'ping') return
    this.activity += 1
    const arrow = seen.direction === 'to-relay' ? '→' : '←'
    const at = new Date(this.clock.now()).toISOString().slice(11, 23)
    this.recent.push(`${at} ${seen.device} ${arrow} ${kindOfFrame(seen.frame, seen.call)}`)
    if (this.recent.length > remembered) this.recent.shift()
  }

  private finish(line: Line, tell: boolean): void {
    if (line.ended) return
    line.ended = true
    this.lines.delete(line)
    // Whoever vanished without a word is noticed by the relay later, or never.
    if (!line.silent) line.relay?.closed()
    if (!tell) return
    this.goodbyes.push(line)
    this.turn()
  }
}

const deaf: Line['listener'] = { opened() {}, frame() {}, closed() {} }

function callOf(line: Line, frame: Frame): CallName | undefined {
  const { kind } = frame
  if (kind.case === 'request') {
    const call = kind.value.call.case
    if (call !== undefined) line.calls.set(kind.value.id, call)
    return call
  }
  if (kind.case !== 'response') return undefined
  const call = line.calls.get(kind.value.id)
  line.calls.delete(kind.value.id)
  return call
}
