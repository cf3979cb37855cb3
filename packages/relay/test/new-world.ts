import { createHash, randomFillSync } from 'node:crypto'
import { memoryStore } from '../src/memory/memory-store.ts'
import type { OwnerPolicy } from '../src/policy.ts'
import type { RelayObserver } from '../src/ports/runtime.ts'
import type { RelayStore } from '../src/ports/store.ts'
import { TestWorld } from '../src/testing/test-world.ts'

const parts = {
  random: (length: number): Uint8Array => randomFillSync(new Uint8Array(length)),
  sha256: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest()),
}

export function newWorld(
  policy: Partial<OwnerPolicy> = {},
  store: RelayStore = memoryStore(),
  observer?: RelayObserver,
): Promise<TestWorld> {
  return TestWorld.create(store, parts, policy, observer)
}
