import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { freshState } from './append-entry.ts'
import { changeLog, ownSigner } from './change-log.ts'
import { kitSigner, mustBeKitOf, parseKit } from './kit.ts'

/**
 * Ends the account (D15): the last entry of its log, signed by a device that manages or by the kit.
 * Wiping this profile is the caller's next step; the other devices are told by the relay.
 */
export async function closeAccount(core: Core, words?: string): Promise<void> {
  const { account } = core.mustOwn()
  const kit = words === undefined ? undefined : parseKit(words)
  if (kit !== undefined) mustBeKitOf(kit, await freshState(core, account))
  const signer = kit === undefined ? ownSigner(core) : kitSigner(kit)
  try {
    await changeLog(core, account, { kind: 'close' }, signer, (state) => !state.closed)
  } catch (error) {
    // The relay closes the door behind us, perhaps before the log could be read back.
    if (core.relay.refusal?.code === 'account-closed') return
    if (error instanceof ClientError && error.code === 'account-closed') return
    throw error
  }
}
