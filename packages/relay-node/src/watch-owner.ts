import type { OwnerPolicy, Relay } from '@quintet/relay'
import type { SqliteStore } from './sqlite/sqlite-store.ts'

/** The setting that the owner's commands change last, so that a running relay looks again. */
export const revisionKey = 'owner.revision'

const lookEveryMs = 500
const sweepEveryMs = 10 * 60 * 1000

/** Follows what the owner's commands write into the store beside the running relay, and sweeps now and then. */
export function watchOwner(
  relay: Relay,
  store: SqliteStore,
  onPolicy: (policy: OwnerPolicy) => void,
  beforeSweep: () => Promise<void>,
): () => void {
  let seen: string | undefined
  let busy = false
  const look = async (): Promise<void> => {
    const revision = await store.settings.get(revisionKey)
    if (revision === seen) return
    seen = revision
    onPolicy(await relay.reloadPolicy())
    await relay.applySuspended(new Set(await store.suspended()))
  }
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    // A store that cannot be read shows in /health; the next look tries again.
    const done = (): void => {
      busy = false
    }
    look().then(done, done)
  }, lookEveryMs)
  const sweep = async (): Promise<void> => {
    await beforeSweep()
    await relay.sweep()
  }
  const sweeper = setInterval(() => void sweep().catch(() => undefined), sweepEveryMs)
  timer.unref()
  sweeper.unref()
  return () => {
    clearInterval(timer)
    clearInterval(sweeper)
  }
}
