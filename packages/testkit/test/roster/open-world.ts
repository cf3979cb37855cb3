import { createHash, randomBytes } from 'node:crypto'
import type { RelayStore } from '@quintet/relay'
import { TestWorld } from '@quintet/relay/testing'

/** A relay whose limits do not matter here. */
export function openWorld(store: RelayStore): Promise<TestWorld> {
  const parts = {
    random: (length: number): Uint8Array => new Uint8Array(randomBytes(length)),
    sha256: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
  const often = { burst: 1e6, perMinute: 1e6 }
  const limits = { commits: often, requests: often, appends: often, logEntriesPerDay: 500, keyPackagesPerDay: 1e4 }
  return TestWorld.create(store, parts, {
    ...limits,
    keyPackagesPerDayForStrangers: 1e4,
    signUpsPerAddress: often,
  })
}
