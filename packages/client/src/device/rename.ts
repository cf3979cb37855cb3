import type { DeviceId } from '@quintet/domain'
import type { SendOptions } from '../api.ts'
import type { Core } from '../core.ts'
import { mustBeName } from '../content/checked.ts'
import { nameDevice } from '../selfstate/device-name.ts'
import type { DeviceHooks } from './hooks.ts'
import { mustBeListed } from './listed.ts'

/** Names a device for all of one's devices: in the self chat, never in the log (DESIGN 3). */
export async function renameDevice(
  core: Core,
  hooks: Pick<DeviceHooks, 'sendSelfOps'>,
  device: DeviceId,
  name: string,
  options?: SendOptions,
): Promise<void> {
  mustBeName(name)
  await mustBeListed(core, device)
  await hooks.sendSelfOps(core, () => [nameDevice(core.db, core.mustOwn(), device, name)], options)
}
