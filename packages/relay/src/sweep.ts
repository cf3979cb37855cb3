import type { RelayCore } from './relay-core.ts'

const batch = 100

/**
 * R7: writes down who is here, and forgets what is older than retention, in small bites so that writers do not wait.
 * Returns how many entries went: none while the clock is in doubt, because one that is a year ahead makes everything old.
 */
export async function sweep(core: RelayCore): Promise<number> {
  const { clock } = core.runtime
  if (clock.doubted?.() === true) return 0
  // A device that is always on was here a moment ago, also after a crash (C11).
  for (const device of core.hub.connected) core.progress.saw(device)
  const now = clock.now()
  const before = now - core.policy().retentionMs
  let total = 0
  for (;;) {
    const gone = await core.store.chats.expire(before, batch, now)
    total += gone
    core.observer.count('entries-trimmed', gone)
    if (gone < batch) return total
  }
}
