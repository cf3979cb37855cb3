import { activeDevice, activeDevices } from '@quintet/identity'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { ConnectionLost } from '../relay/link.ts'
import { refresh, stateOf } from './directory.ts'
import { changeLog, ownSigner } from './change-log.ts'

/**
 * Takes this device out of its account, which any device may do for itself (D6); wiping the profile is the caller's next step.
 *
 * The account's last device is not taken out: nobody could get in again but by the kit, which needs a log to be added to.
 * Answers whether the device was, or already had been, taken out.
 */
export async function leaveAccount(core: Core): Promise<boolean> {
  const { account, device } = core.mustOwn()
  try {
    await refresh(core, [account])
    const state = stateOf(core, account)
    if (state === undefined || state.closed || activeDevice(state, device) === undefined) return true
    if (activeDevices(state).length === 1) return false
    await changeLog(
      core,
      account,
      { kind: 'remove', device },
      ownSigner(core),
      (newest) => activeDevice(newest, device) !== undefined,
    )
    return true
  } catch (error) {
    // The relay closes the door behind us, perhaps before the log could be read back.
    if (core.relay.refusal?.code === 'unlinked') return true
    if (error instanceof ConnectionLost) return false
    if (error instanceof ClientError) {
      if (error.code === 'unlinked' || error.code === 'account-closed') return true
      if (error.code === 'offline') return false
    }
    throw error
  }
}
