import type { DeviceId } from '@quintet/domain'
import { activeDevice } from '@quintet/identity'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { endOpsOf } from '../selfstate/removed.ts'
import { changeLog, ownSigner } from './change-log.ts'
import type { DeviceHooks } from './hooks.ts'
import { kitSigner, mustBeKitOf, parseKit } from './kit.ts'
import { mustBeListed } from './listed.ts'

/**
 * Takes a device out of the account: when this resolves the entry stands, was read back, and the relay has cut the device off.
 * Its leaves in chats go next (C7). With the words of the kit, the recovery key signs (D8).
 */
export async function unlink(
  core: Core,
  hooks: Pick<DeviceHooks, 'removalsDue' | 'sendSelfOps'>,
  device: DeviceId,
  words?: string,
): Promise<void> {
  const own = core.mustOwn()
  if (device === own.device)
    throw new ClientError('not-allowed', 'This is the device that you are using. Sign out here instead.')
  const kit = words === undefined ? undefined : parseKit(words)
  const state = await mustBeListed(core, device)
  if (kit !== undefined) mustBeKitOf(kit, state)
  const signer = kit === undefined ? ownSigner(core) : kitSigner(kit)
  await changeLog(
    core,
    own.account,
    { kind: 'remove', device },
    signer,
    (newest) => activeDevice(newest, device) !== undefined,
  )
  await afterRemoval(core, hooks, device)
}

/** What follows is due until it is done, so a relay that goes away now delays it and undoes nothing. */
async function afterRemoval(
  core: Core,
  hooks: Pick<DeviceHooks, 'removalsDue' | 'sendSelfOps'>,
  device: DeviceId,
): Promise<void> {
  try {
    await hooks.removalsDue(core)
    // The first thing said in the self chat after the removal: how far that device's own ops count (S5).
    await hooks.sendSelfOps(core, () => [endOpsOf(core.db, core.mustOwn(), device)])
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}
