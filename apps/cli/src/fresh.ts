import { ClientError } from '@quintet/client-node'
import type { Job } from './job.ts'

/** Fetches all that waits, so that what follows speaks of now; `offline` when the relay does not answer in time. */
export async function fresh(job: Job): Promise<void> {
  await job.client.online(job.settings.waitMs)
  await job.client.sync()
}

/** How a command that writes waits, and what becomes of it offline. */
export function sending(job: Job): { readonly waitMs: number; readonly noQueue: boolean } {
  return { waitMs: job.settings.waitMs, noQueue: !job.settings.queue }
}

/** Codes that an older view of things may cause. */
const perhapsStale = new Set(['unknown-message', 'unknown-chat', 'not-allowed'])

/**
 * Does it at once, from what is stored; where that seems too old, fetches and does it again.
 *
 * So a message to an up-to-date chat costs one round trip, and a reply to what has not been fetched yet works too.
 */
export async function fresher<T>(job: Job, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ClientError) || !perhapsStale.has(error.code)) throw error
    await fresh(job)
    return await act()
  }
}
