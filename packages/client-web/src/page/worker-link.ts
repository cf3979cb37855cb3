import { errorOf, WorkerFault } from '../failure.ts'
import type { ToPage, ToWorker, WorkerOptions } from '../messages.ts'
import { type Calls, createCalls } from './calls.ts'

/** The files are still held by a worker that ends: another worker may have more luck. */
export class StillHeldError extends Error {
  override readonly name = 'StillHeldError'
}

/** A worker that has opened the profile. */
export interface WorkerLink {
  readonly calls: Calls
  /** Has the worker store what it is at and let go of its files, then ends it. */
  close(): Promise<void>
}

/** Has `worker` open the profile; ends it when it cannot. Fails with ClientError, WorkerFault or StillHeldError. */
export function linkWorker(worker: Worker, options: WorkerOptions): Promise<WorkerLink> {
  const { port1: port, port2: theirs } = new MessageChannel()
  const tell = (message: ToWorker) => port.postMessage(message)
  const calls = createCalls(tell)
  let whenClosed = (): void => undefined
  const closed = new Promise<void>((done) => {
    whenClosed = done
  })
  const end = (why: string) => {
    worker.terminate()
    port.close()
    calls.end(why)
    whenClosed()
  }
  return new Promise((opened, failed) => {
    port.onmessage = ({ data: message }: MessageEvent<ToPage>) => {
      if (message.kind === 'opened') {
        opened({
          calls,
          close() {
            tell({ kind: 'close' })
            return closed
          },
        })
      } else if (message.kind === 'not-opened') {
        end('it could not be opened')
        failed(message.isHeld ? new StillHeldError('another worker has the files') : errorOf(message.failure))
      } else if (message.kind === 'closed') end('it was closed')
      else calls.hear(message)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      const why = event.message === '' || event.message === undefined ? 'the worker could not be loaded' : event.message
      end(why)
      failed(new WorkerFault(why))
    }
    worker.postMessage(undefined, [theirs])
    tell({ kind: 'open', options })
  })
}
