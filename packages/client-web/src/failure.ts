import { ClientError } from '@quintet/client/error'
import type { Failure } from './messages.ts'

/** The worker broke, by a fault of ours or of the browser; the page is best loaded again. What was acknowledged is stored. */
export class WorkerFault extends Error {
  override readonly name = 'WorkerFault'
  readonly code = 'worker-fault'
}

/** A thrown value as it goes over the port. Messages of our errors hold no user data. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ClientError)
    return { kind: 'expected', code: error.code, sentence: error.message, details: error.details }
  return { kind: 'fault', detail: error instanceof Error ? `${error.name}: ${error.message}` : typeof error }
}

/** The same on the other side. */
export function errorOf(failure: Failure): ClientError | WorkerFault {
  switch (failure.kind) {
    case 'expected':
      return new ClientError(failure.code, failure.sentence, failure.details)
    case 'fault':
      return new WorkerFault(failure.detail)
  }
}
