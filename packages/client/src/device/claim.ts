import { activeDevice, mayClaim } from '@quintet/identity'
import type { Core } from '../core.ts'
import { changeLog, ownSigner } from './change-log.ts'
import { stateOf } from './directory.ts'

/** Posts this device's own claim once its day of probation has passed unopposed (D6). True = it manages now. */
export async function claimWhenDue(core: Core): Promise<boolean> {
  const own = core.mustOwn()
  const known = stateOf(core, own.account)
  const record = known === undefined ? undefined : activeDevice(known, own.device)
  if (record === undefined || !mayClaim(record, core.relayNow())) return false
  const waits = (now: typeof record | undefined) => now !== undefined && !now.manage && now.manageClaim
  const state = await changeLog(core, own.account, { kind: 'claim', device: own.device }, ownSigner(core), (newest) =>
    waits(activeDevice(newest, own.device)),
  )
  return activeDevice(state, own.device)?.manage === true
}
