import { nowMs } from './clock.ts'
import type { Dialect } from './dialect.ts'
import { floorDialect } from './floor-dialect.ts'
import { LoadDevice } from './load-device.ts'
import { latenessStepMs, type Order, type Pace, type Plan, type Word } from './plan.ts'
import { relayDialect } from './relay-dialect.ts'

/** Some of the devices of a plan, and what they do. */
export class Load {
  private readonly say: (word: Word) => void
  private readonly devices = new Map<number, LoadDevice>()
  private readonly signatures = new Map<number, (signature: Uint8Array) => void>()
  private lateness = new Map<number, number>()
  private delivered = 0
  private before = { sent: 0, answered: 0, delivered: 0 }
  private plan: Plan | undefined
  private dialect: Dialect | undefined
  private part = { part: 0, of: 1 }
  private stop: () => void = () => {}

  constructor(say: (word: Word) => void) {
    this.say = say
  }

  take(order: Order): void {
    switch (order.kind) {
      case 'plan':
        this.plan = order.plan
        this.part = order
        this.dialect = order.plan.target === 'floor' ? floorDialect() : relayDialect(order.plan, this.sign)
        return
      case 'connect':
        this.connect(order.from, order.to).then(
          () => this.say({ kind: 'connected' }),
          (error: unknown) => this.fail(error),
        )
        return
      case 'signed':
        this.signatures.get(order.device)?.(order.signature)
        this.signatures.delete(order.device)
        return
      case 'go':
        this.go(order.pace, order.acks)
        return
      case 'mark':
        this.tell()
        return
      case 'halt':
        this.stop()
        for (const device of this.devices.values()) device.window = 0
        return
    }
  }

  private fail(error: unknown): void {
    this.say({ kind: 'failed', why: error instanceof Error ? error.message : 'unknown' })
  }

  private readonly sign = (device: number, incarnation: Uint8Array, challenge: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve) => {
      this.signatures.set(device, resolve)
      this.say({ kind: 'sign', device, incarnation, challenge })
    })

  private async connect(from: number, to: number): Promise<void> {
    const { plan, dialect } = this
    if (plan === undefined || dialect === undefined) return
    const own = [...plan.devices.keys()]
      .filter((at) => at >= from && at < to && at % this.part.of === this.part.part)
      .values()
    // A few at a time: a crowd at the door would wait for longer than the server has patience.
    const next = async (): Promise<void> => {
      for (const at of own) {
        const device = plan.devices[at]
        if (device === undefined) continue
        this.devices.set(at, await LoadDevice.open(plan.url, dialect, at, device, this))
      }
    }
    await Promise.all(Array.from({ length: 8 }, next))
  }

  arrived(sentMs: number): void {
    this.delivered++
    const step = Math.max(0, Math.floor((nowMs() - sentMs) / latenessStepMs))
    this.lateness.set(step, (this.lateness.get(step) ?? 0) + 1)
  }

  refused(why: string): void {
    this.fail(new Error(why))
  }

  private go(pace: Pace, acks: boolean): void {
    const all = [...this.devices.values()]
    const stops = [pace.kind === 'window' ? this.fill(all, pace.perDevice) : this.drip(all, pace.perSecond)]
    if (acks) stops.push(acknowledge(all))
    this.stop = () => {
      for (const stop of stops) stop()
    }
  }

  private fill(all: readonly LoadDevice[], perDevice: number): () => void {
    for (const device of all) {
      device.window = perDevice
      device.fill()
    }
    return () => {}
  }

  /** So many a second over all devices of all processes. */
  private drip(all: readonly LoadDevice[], perSecond: number): () => void {
    const perMs = perSecond / this.part.of / 1000
    const startMs = nowMs()
    let sent = 0
    const timer = setInterval(() => {
      const due = (nowMs() - startMs) * perMs
      for (; sent < due; sent++) all[sent % all.length]?.send()
    }, 1)
    return () => clearInterval(timer)
  }

  private tell(): void {
    let [sent, answered] = [0, 0]
    for (const device of this.devices.values()) {
      sent += device.sent
      answered += device.answered
    }
    const now = { sent, answered, delivered: this.delivered }
    const { before } = this
    this.say({
      kind: 'tally',
      tally: {
        sent: sent - before.sent,
        answered: answered - before.answered,
        delivered: now.delivered - before.delivered,
        lateness: [...this.lateness],
      },
    })
    this.before = now
    this.lateness = new Map()
  }
}

/** Each device acknowledges what it has once a second. */
function acknowledge(all: readonly LoadDevice[]): () => void {
  let at = 0
  const timer = setInterval(() => {
    const until = at + all.length / 20
    for (; at < until; at++) all[at % all.length]?.acknowledge()
  }, 50)
  return () => clearInterval(timer)
}
