import type { Response } from '@quintet/wire'
import { type Answer, type AnswerName, type AnswerOf, ConnectionLost, RelayFailure } from './link.ts'

interface PendingCall {
  readonly sentAt: number
  settle(answer: Answer): boolean
  reject(error: Error): void
}

/** The requests of one connection that wait for their answers. */
export interface PendingCalls {
  /** Takes the next request id; the promise settles by `answered` or `lost`. */
  add<A extends AnswerName>(answer: A, now: number): { readonly id: number; readonly settled: Promise<AnswerOf<A>> }
  /** False when the answer fits no request that waits, or is of another kind: the relay is not in its right mind. */
  answered(response: Response): boolean
  /** Rejects everything that waits with ConnectionLost. */
  lost(): void
  /** When the oldest that waits was sent; undefined = none waits. */
  oldest(): number | undefined
}

export function createPendingCalls(): PendingCalls {
  const waiting = new Map<number, PendingCall>()
  let last = 0
  return {
    add(answer, now) {
      const id = ++last
      const settled = new Promise<Answer['value']>((resolve, reject) => {
        const settle = (given: Answer) => {
          if (given.case !== answer) return false
          resolve(given.value)
          return true
        }
        waiting.set(id, { sentAt: now, settle, reject })
      })
      return { id, settled: parseSettled(settled) }
    },
    answered(response) {
      const call = waiting.get(response.id)
      const { result } = response
      if (call === undefined || result.case === undefined) return false
      waiting.delete(response.id)
      if (result.case === 'failure') {
        call.reject(new RelayFailure(result.value))
        return true
      }
      if (call.settle(result)) return true
      call.reject(new ConnectionLost('the answer was of another kind'))
      return false
    },
    lost() {
      for (const call of waiting.values()) call.reject(new ConnectionLost('the connection ended before the answer'))
      waiting.clear()
    },
    oldest: () => waiting.values().next().value?.sentAt,
  }
}

/** A promise that resolves with the value of an answer of kind `A` only: the case names its type. */
function parseSettled<A extends AnswerName>(settled: Promise<Answer['value']>): Promise<AnswerOf<A>> {
  return settled as Promise<AnswerOf<A>>
}
