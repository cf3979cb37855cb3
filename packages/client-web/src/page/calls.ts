import type { ApproveQuestions, Client, ClientEvent, LinkQuestions } from '@quintet/client'
import { errorOf, WorkerFault } from '../failure.ts'
import type { Method, ToPage, ToWorker } from '../messages.ts'

/** How a caller answers what a call asks back. */
export type Asked = Partial<LinkQuestions & ApproveQuestions>
type Result<M extends Method> = Awaited<ReturnType<Client[M]>>

/** One page's end of the port: what was called and has not been answered, and who listens. */
export interface Calls {
  /** What the method resolves to; fails as the method does, and with WorkerFault when the worker is gone. */
  call<M extends Method>(method: M, args: readonly unknown[], asked?: Asked): Promise<Result<M>>
  on(listener: (event: ClientEvent) => void): () => void
  hear(message: ToPage): void
  /** The worker is gone: all that waits fails, and so does whatever is called after. */
  end(why: string): void
}

interface Waiting {
  readonly asked: Asked | undefined
  done(value: unknown): void
  failed(error: Error): void
}

/** The worker is built with this page: what it answers to a method is what the method gives. */
function parseResult<M extends Method>(value: unknown): Result<M> {
  return value as Result<M>
}

type Questioner = (...args: readonly unknown[]) => unknown
function parseQuestioner(asked: Asked | undefined, name: keyof Asked): Questioner | undefined {
  return asked?.[name] as Questioner | undefined
}

export function createCalls(tell: (message: ToWorker) => void): Calls {
  const waiting = new Map<number, Waiting>()
  const listeners = new Set<(event: ClientEvent) => void>()
  let count = 0
  let ended: string | undefined

  async function answer({ call, question, name, args }: Extract<ToPage, { kind: 'question' }>): Promise<void> {
    const from = waiting.get(call)
    try {
      const value = from && (await parseQuestioner(from.asked, name)?.(...args))
      tell({ kind: 'answer', question, value })
    } catch (error) {
      // Whoever was to answer broke: the caller hears it, and the other side a refusal.
      tell({ kind: 'answer', question, value: undefined })
      waiting.delete(call)
      from?.failed(error instanceof Error ? error : new WorkerFault('a question was not answered'))
    }
  }
  function settle(call: number, how: (waiting: Waiting) => void): void {
    const one = waiting.get(call)
    waiting.delete(call)
    if (one !== undefined) how(one)
  }

  return {
    call<M extends Method>(method: M, args: readonly unknown[], asked?: Asked): Promise<Result<M>> {
      return new Promise((done, failed) => {
        if (ended !== undefined) return failed(new WorkerFault(ended))
        count += 1
        waiting.set(count, { asked, failed, done: (value) => done(parseResult<M>(value)) })
        tell({ kind: 'call', call: count, method, args, asks: asked !== undefined })
      })
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    hear(message) {
      switch (message.kind) {
        case 'result':
          return settle(message.call, (one) => one.done(message.value))
        case 'failed':
          return settle(message.call, (one) => one.failed(errorOf(message.failure)))
        case 'question':
          return void answer(message)
        case 'event':
          for (const listener of [...listeners]) listener(message.event)
          return
        case 'opened':
        case 'not-opened':
        case 'broken':
        case 'closed':
      }
    },
    end(why) {
      ended ??= why
      for (const call of [...waiting.keys()]) settle(call, (one) => one.failed(new WorkerFault(why)))
    },
  }
}
