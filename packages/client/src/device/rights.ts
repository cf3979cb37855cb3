import type { DeviceId } from '@quintet/domain'
import { activeDevice } from '@quintet/identity'
import type { Core } from '../core.ts'
import { changeLog, ownSigner } from './change-log.ts'
import { mustBeListed } from './listed.ts'

/** Makes another device the main one: a label and the first source of history, no right (D9). */
export async function makeMain(core: Core, device: DeviceId): Promise<void> {
  const { account } = core.mustOwn()
  await mustBeListed(core, device)
  await changeLog(core, account, { kind: 'make-main', device }, ownSigner(core), (state) => state.main !== device)
}

/** Gives or takes the right to manage the account's devices (D7). */
export async function setRights(core: Core, device: DeviceId, rights: 'manage' | 'none'): Promise<void> {
  const { account } = core.mustOwn()
  await mustBeListed(core, device)
  const manage = rights === 'manage'
  await changeLog(core, account, { kind: 'set-rights', device, manage }, ownSigner(core), (state) => {
    const record = activeDevice(state, device)
    // Without the right, but on the way to it, is not yet none.
    return record === undefined || record.manage !== manage || (!manage && record.manageClaim)
  })
}
