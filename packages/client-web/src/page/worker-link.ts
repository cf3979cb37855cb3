import { errorOf, WorkerFault } from '../failure.ts'
import type { Method, ToPage, ToWorker, WorkerOptions } from '../messages.ts'
import { type Calls, createCalls } from './calls.ts'

/** The files are still held by a worker that ends: another worker may have more luck. */
export class StillHeldError extends Error {
  override readonly name = 'StillHeldError'
}

/** A worker that has opened the profile. */
export interface WorkerLink {
  readonly calls: Calls
  /** What can be called. */
  readonly methods: readonly Method[]
  /** Has the worker store what it is at and let go of its files. */
  close(): void
  /** Resolves when the worker is gone: by `close`, or by the fault that broke it. */
  readonly ended: Promise<WorkerFault | undefined>
}

/** Has `worker` open the profile; ends it when it cannot. Fails with ClientError, WorkerFault or StillHeldError. */
export function linkWorker(worker: Worker, options: WorkerOptions): Promise<WorkerLink> {
  const { port1: port, port2: theirs } = new MessageChannel()
  const tell = (message: ToWorker) => port.postMessage(message)
  const calls = createCalls(tell)
  let whenEnded = (_fault: WorkerFault | undefined): void => undefined
  const ended = new Promise<WorkerFault | undefined>((done) => {
    whenEnded = done
  })
  const end = (why: string, fault?: WorkerFault) => {
    worker.terminate()
    port.close()
    calls.end(why)
    whenEnded(fault)
  }
  return new Promise((opened, failed) => {
    const breaks = (fault: WorkerFault) => {
      end(fault.message, fault)
      failed(fault)
    }
    port.onmessage = ({ data: message }: MessageEvent<ToPage>) => {
      switch (message.kind) {
        case 'opened':
          return opened({ calls, methods: message.methods, ended, close: () => tell({ kind: 'close' }) })
        case 'not-opened':
          end('it could not be opened')
          return failed(message.isHeld ? new StillHeldError('another worker has the files') : errorOf(message.failure))
        case 'broken':
          return breaks(new WorkerFault(message.detail))
        case 'closed':
          return end('it was closed')
        case 'result':
        case 'failed':
        case 'question':
        case 'event':
          return calls.hear(message)
      }
    }
    worker.onerror = (event) => {
      event.preventDefault()
      breaks(new WorkerFault(event.message || 'the worker could not be loaded'))
    }
    worker.postMessage(undefined, [theirs])
    tell({ kind: 'open', options })
  })
}
