import type { DeviceId } from '@quintet/domain'
import { type AccountState, activeDevice } from '@quintet/identity'
import type { Core } from '../core.ts'
import { freshState } from './append-entry.ts'
import { logFaultError } from './log-fault-error.ts'

/** The newest log of one's account, which lists the device; fails with `unknown-device` when it does not. */
export async function mustBeListed(core: Core, device: DeviceId): Promise<AccountState> {
  const state = await freshState(core, core.mustOwn().account)
  if (state.closed) throw logFaultError('closed', 'device')
  if (activeDevice(state, device) === undefined) throw logFaultError('unknown-device', 'device')
  return state
}
