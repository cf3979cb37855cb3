import { ClientError } from '@quintet/client/error'
import type { WorkerFault } from '../failure.ts'
import { clientOver, type WebClient } from './client.ts'
import { becomeOwner } from './lock.ts'
import { linkWorker, StillHeldError, type WorkerLink } from './worker-link.ts'

export interface OpenOptions {
  /** Starts the dedicated worker, whose entry file calls `serve()` of `@quintet/client-web/worker`. */
  readonly worker: () => Worker
  /** Where the MLS engine's `.wasm` lies. */
  readonly engine: string | URL
  /** The relay's address. Left out: the one of this profile, at first the origin of this page. */
  readonly relay?: string
  /** Told once if the worker breaks after it was opened: the profile is then free again, to be opened anew. */
  readonly onBroken?: (fault: WorkerFault) => void
  /** How long to wait for another tab that owns the profile to end, ms. */
  readonly waitMs?: number
}

const retryEveryMs = 100

/**
 * Opens the profile of this origin; this tab owns it until `close`, or until the tab ends.
 *
 * Fails with ClientError `profile-in-use` (another tab has it), `profile-newer`, `profile-unwritable`, `damaged`,
 * `disk-full` or `other-relay`, and with WorkerFault where the worker itself fails.
 */
export async function open(options: OpenOptions): Promise<WebClient> {
  const until = performance.now() + (options.waitMs ?? 5_000)
  const letGo = await becomeOwner(options.waitMs ?? 5_000)
  try {
    const link = await linkUntil(until, options)
    const over = link.ended.then((fault) => {
      letGo()
      if (fault !== undefined) options.onBroken?.(fault)
    })
    return clientOver(link, () => {
      link.close()
      return over
    })
  } catch (error) {
    letGo()
    throw error
  }
}

/** A tab that was just closed or loaded anew gives its lock back a little before its worker's files. */
async function linkUntil(until: number, options: OpenOptions): Promise<WorkerLink> {
  for (;;) {
    try {
      return await linkWorker(options.worker(), {
        relay: options.relay,
        home: location.origin,
        engine: new URL(options.engine, location.href).href,
      })
    } catch (error) {
      if (!(error instanceof StillHeldError)) throw error
      if (performance.now() >= until)
        throw new ClientError(
          'profile-in-use',
          'Another window of this browser is still closing Quintet. Load this page again.',
        )
    }
    await new Promise((done) => setTimeout(done, retryEveryMs))
  }
}
