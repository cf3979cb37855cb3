import type { RelayCore } from './relay-core.ts'

const batch = 1000

/** R7: forgets what is older than retention, in small bites so that writers do not wait. Returns how many entries went. */
export async function sweep(core: RelayCore): Promise<number> {
  const before = core.runtime.clock.now() - core.policy().retentionMs
  let total = 0
  for (;;) {
    const gone = await core.store.chats.expire(before, batch)
    total += gone
    core.observer.count('entries-trimmed', gone)
    if (gone < batch) return total
  }
}
