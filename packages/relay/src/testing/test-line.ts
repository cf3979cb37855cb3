import {
  create,
  FailureCode,
  FrameSchema,
  fromBinary,
  type Greeting,
  type MessageInitShape,
  type Push,
  type RequestSchema,
  type Response,
  toBinary,
} from '@quintet/wire'
import { assert, present } from '../assert.ts'

type Call = NonNullable<MessageInitShape<typeof RequestSchema>['call']>
type Result = Response['result']
type Pushed = Exclude<Push['kind'], { case: undefined }>
type Answered = Exclude<Result, { case: undefined }>
type ValueOf<U extends { case: string; value: unknown }, C extends U['case']> = Extract<U, { case: C }>['value']

interface Asked {
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

/** The wire below a test's device: in-process, or a real socket. */
export interface TestWire {
  send(bytes: Uint8Array): void
  close(): void
}

/** The device's end of a connection: asks, and hears pushes. */
export class TestLine {
  readonly pushes: Pushed[] = []
  /** The outcomes of answers to what was not asked with `ask`. */
  readonly unknownAnswers: string[] = []
  closed = false
  private wire: TestWire | undefined
  private id = 0
  private readonly answers = new Map<number, Asked>()
  private readonly watchers = new Set<() => void>()
  private greeted: Greeting | undefined
  private onPush: ((push: Pushed) => void) | undefined

  /** `open` gets what to call with each frame and at the end. */
  static async open(
    open: (onFrame: (bytes: Uint8Array) => void, onClose: () => void) => TestWire | Promise<TestWire>,
  ): Promise<TestLine> {
    const line = new TestLine()
    line.wire = await open(
      (bytes) => line.hear(bytes),
      () => {
        line.closed = true
        for (const { reject } of line.answers.values()) reject(new Error('the line was closed'))
        line.answers.clear()
        line.changed()
      },
    )
    await line.until(() => line.greeted !== undefined || line.closed)
    return line
  }

  get greeting(): Greeting {
    return present(this.greeted, 'the relay greets')
  }

  private hear(bytes: Uint8Array): void {
    const { kind } = fromBinary(FrameSchema, bytes)
    if (kind.case === 'greeting') this.greeted = kind.value
    if (kind.case === 'push' && kind.value.kind.case !== undefined) {
      if (this.onPush) this.onPush(kind.value.kind)
      else this.pushes.push(kind.value.kind)
    }
    if (kind.case === 'response') {
      const asked = this.answers.get(kind.value.id)
      if (asked) asked.resolve(kind.value.result)
      else this.unknownAnswers.push(outcome(kind.value.result))
      this.answers.delete(kind.value.id)
    }
    this.changed()
  }

  private changed(): void {
    for (const watcher of [...this.watchers]) watcher()
  }

  /** Resolves as soon as it holds. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve) => {
      const watcher = (): void => {
        if (!holds()) return
        this.watchers.delete(watcher)
        resolve()
      }
      this.watchers.add(watcher)
    })
  }

  ask(call: Call): Promise<Result> {
    const id = ++this.id
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Error('the line is closed'))
      this.answers.set(id, { resolve, reject })
      this.sendRaw(toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id, call } } })))
    })
  }

  /** Every push goes there from now on, those that nobody has taken yet first. */
  tellPushes(onPush: (push: Pushed) => void): void {
    this.onPush = onPush
    for (const push of this.pushes.splice(0)) onPush(push)
  }

  sendRaw(bytes: Uint8Array): void {
    this.wire?.send(bytes)
  }

  close(): void {
    this.wire?.close()
  }

  /** The next push of that kind that nobody has taken yet. */
  async hears<C extends Pushed['case']>(kind: C): Promise<ValueOf<Pushed, C>> {
    const at = (): number => this.pushes.findIndex((push) => push.case === kind)
    await this.until(() => at() >= 0)
    const [push] = this.pushes.splice(at(), 1)
    assert(push?.case === kind, 'the push is of that kind')
    return push.value as ValueOf<Pushed, C>
  }
}

/** The refusal's code by name, or `done`. */
export function outcome(result: Result): string {
  if (result.case !== 'failure') return 'done'
  const entry = Object.entries(FailureCode).find(([, code]) => code === result.value.code)
  return entry?.[0] ?? 'unknown'
}

/** The answer's value, which must be of that kind. */
export function expectAnswer<C extends Answered['case']>(result: Result, kind: C): ValueOf<Answered, C> {
  assert(result.case === kind, `answered ${result.case ?? 'nothing'}: ${outcome(result)}`)
  return result.value as ValueOf<Answered, C>
}
