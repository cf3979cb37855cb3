import {
  create,
  FailureCode,
  FrameSchema,
  type MessageInitShape,
  type PushSchema,
  type ResponseSchema,
  toBinary,
} from '@quintet/wire'
import { StoreError } from './ports/store.ts'

/** What one request is answered with; a refusal is an answer too. */
export type Answer = NonNullable<MessageInitShape<typeof ResponseSchema>['result']>
type FailureInit = Extract<Answer, { case: 'failure' }>['value']
type PushInit = NonNullable<MessageInitShape<typeof PushSchema>['kind']>

/** Answers with a refusal. The sentence is for people and never names anyone. */
export function refuse(code: FailureCode, message: string, more: Omit<FailureInit, '$typeName'> = {}): Answer {
  return { case: 'failure', value: { code, message, ...more } }
}

export const done: Answer = { case: 'done', value: {} }

export const malformed = (what: string): Answer => refuse(FailureCode.MALFORMED, `${what} is not as the protocol says.`)
export const notAllowed = (message: string): Answer => refuse(FailureCode.NOT_ALLOWED, message)
export const unknownChat: Answer = refuse(FailureCode.UNKNOWN_CHAT, 'There is no such chat here.')

export function rateLimited(retryAfterMs: number): Answer {
  return refuse(FailureCode.RATE_LIMITED, 'That was too often; wait a moment.', {
    retryAfterMs: BigInt(Math.ceil(retryAfterMs)),
  })
}

/** What to say when a write failed. Nothing of it happened, so trying again is safe. */
export function refusalOf(error: unknown): Answer {
  if (error instanceof StoreError && error.code === 'full') return refuse(FailureCode.FULL, "The relay's disk is full.")
  return refuse(FailureCode.UNAVAILABLE, 'The relay could not write that down; try again.', { retryAfterMs: 1000n })
}

const codeNames = new Map<number, string>(Object.entries(FailureCode).map(([name, code]) => [code, name.toLowerCase()]))

/** The name of an answer's outcome, for counts: `done`, or the refusal's code. */
export function outcomeOf(answer: Answer): string {
  if (answer.case !== 'failure') return 'done'
  return codeNames.get(answer.value.code ?? FailureCode.UNSPECIFIED) ?? 'unknown'
}

export function responseFrame(id: number, result: Answer): Uint8Array {
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'response', value: { id, result } } }))
}

/** A push is encoded once, and the same bytes go to everyone. */
export function pushFrame(kind: PushInit): Uint8Array {
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'push', value: { kind } } }))
}
