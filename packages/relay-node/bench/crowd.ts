import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { latenessStepMs, type Order, type Pace, parseWord, type Plan, type Tally } from './load/plan.ts'
import { onCore } from './server.ts'
import type { World } from './world.ts'

type Sign = World['sign']

/** All processes that make load at one server. */
export class Crowd implements AsyncDisposable {
  private readonly parts: readonly Part[]

  private constructor(parts: readonly Part[]) {
    this.parts = parts
  }

  static start(plan: Plan, sign: Sign, processes = 2): Crowd {
    const parts = Array.from({ length: processes }, () => new Part(sign))
    parts.forEach((part, at) => void part.order({ kind: 'plan', plan, part: at, of: processes }))
    return new Crowd(parts)
  }

  async connect(from: number, to: number): Promise<void> {
    await Promise.all(this.parts.map((part) => part.ask({ kind: 'connect', from, to }, 'connected')))
  }

  go(pace: Pace, acks: boolean): void {
    for (const part of this.parts) part.order({ kind: 'go', pace, acks })
  }

  /** What happened since the last mark. */
  async mark(): Promise<Tally> {
    const all = await Promise.all(this.parts.map((part) => part.ask({ kind: 'mark' }, 'tally')))
    const sum = (of: (tally: Tally) => number): number => all.reduce((so, tally) => so + of(tally), 0)
    return {
      sent: sum(({ sent }) => sent),
      answered: sum(({ answered }) => answered),
      delivered: sum(({ delivered }) => delivered),
      lateness: all.flatMap(({ lateness }) => lateness),
    }
  }

  halt(): void {
    for (const part of this.parts) part.order({ kind: 'halt' })
  }

  /** Until all that was sent since `before` has been answered and has reached `devices` others each. */
  async quiet(before: Tally, devices: number): Promise<void> {
    let { sent, answered, delivered } = before
    for (let tries = 0; tries < 200; tries++) {
      const more = await this.mark()
      sent += more.sent
      answered += more.answered
      delivered += more.delivered
      if (answered === sent && delivered === sent * devices) return
      await pause(50)
    }
    throw new Error(`of ${sent} messages ${answered} were answered and ${delivered} deliveries came`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.parts.map((part) => part.end()))
  }
}

const nothing: Tally = { sent: 0, answered: 0, delivered: 0, lateness: [] }

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    sent: a.sent + b.sent,
    answered: a.answered + b.answered,
    delivered: a.delivered + b.delivered,
    lateness: [...a.lateness, ...b.lateness],
  }
}

/** How late the given part of all deliveries were, at most: ms. */
export function latenessMs({ lateness }: Tally, part: number): number {
  const all = lateness.reduce((so, [, times]) => so + times, 0)
  let so = 0
  for (const [step, times] of lateness.toSorted(([a], [b]) => a - b)) {
    so += times
    if (so >= all * part) return (step + 1) * latenessStepMs
  }
  return 0
}

/** One process. */
class Part {
  private readonly child: ChildProcess
  private readonly waiting: ((tally: Tally) => void)[] = []
  private fail: (error: Error) => void = () => {}
  private readonly failed: Promise<never>

  constructor(sign: Sign) {
    const main = fileURLToPath(new URL('load/main.ts', import.meta.url))
    const [program, argv] = onCore(1, [process.execPath, main])
    this.child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
    this.failed = new Promise((_, reject) => (this.fail = reject))
    this.failed.catch(() => undefined)
    // What is said to a process that has ended is lost; that it ended is told below.
    this.child.on('error', (error) => this.fail(error))
    this.child.on('exit', () => this.fail(new Error('a process that makes load ended')))
    this.child.on('message', (message) => {
      const word = parseWord(message)
      switch (word.kind) {
        case 'failed':
          return this.fail(new Error(word.why))
        case 'connected':
          return this.waiting.shift()?.(nothing)
        case 'tally':
          return this.waiting.shift()?.(word.tally)
        case 'sign':
          void sign(word.device, word.incarnation, word.challenge).then((signature) =>
            this.order({ kind: 'signed', device: word.device, signature }),
          )
      }
    })
  }

  order(order: Order): void {
    this.child.send(order)
  }

  /** One thing is asked at a time, so answers come in order. */
  ask(order: Order, _answer: 'connected' | 'tally'): Promise<Tally> {
    const answered = new Promise<Tally>((resolve) => this.waiting.push(resolve))
    this.order(order)
    return Promise.race([answered, this.failed])
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.disconnect()
    await ended
  }
}
