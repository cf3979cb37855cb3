import type { RelayCore } from './relay-core.ts'

/** The setting under which a restore leaves its time, ms (R9). */
export const restoredSetting = 'restored'

/** How long after a restore devices bring back what the backup did not have: as long as entries wait for them. */
const comingBackMs = 30 * 24 * 60 * 60 * 1000

/** Whether this relay was restored from a backup so lately that devices know of things that it has lost (R9). */
export function isComingBack(core: Pick<RelayCore, 'restoredAtMs' | 'runtime'>): boolean {
  return core.restoredAtMs !== undefined && core.runtime.clock.now() - core.restoredAtMs < comingBackMs
}

/** Whether something made at that time may have been lost by a restore: until then this relay cannot have refused it. */
export function isFromBefore(core: Pick<RelayCore, 'restoredAtMs' | 'runtime' | 'policy'>, atMs: number): boolean {
  return isComingBack(core) && atMs <= (core.restoredAtMs ?? 0) + core.policy().clockSkewMs
}
