import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { freshState } from './append-entry.ts'
import { changeLog, ownSigner } from './change-log.ts'
import type { DeviceHooks } from './hooks.ts'
import { kitSigner, mustBeKitOf, newKit, parseKit } from './kit.ts'
import { refreshKitBlob } from './kit-blob.ts'
import { wrongKitError } from './log-fault-error.ts'

/**
 * Makes another recovery kit; the words of the old one are needed where there is one (D7, D8).
 *
 * Fails with `recovery-wrong` when they are wrong or missing. The old kit is worth nothing afterwards.
 */
export async function newRecovery(
  core: Core,
  hooks: Pick<DeviceHooks, 'bootstrapParts'>,
  old: string | undefined,
): Promise<{ readonly recovery: string }> {
  const { account } = core.mustOwn()
  const oldKit = old === undefined ? undefined : parseKit(old)
  const state = await freshState(core, account)
  if (state.recovery !== undefined && oldKit === undefined)
    throw new ClientError(
      'recovery-wrong',
      'Your account has a recovery kit. Its twelve words are needed to make another one.',
    )
  if (oldKit !== undefined) {
    if (state.recovery === undefined) throw wrongKitError()
    mustBeKitOf(oldKit, state)
  }
  const kit = newKit(core.random)
  const signer = oldKit === undefined ? ownSigner(core) : kitSigner(oldKit)
  await changeLog(core, account, { kind: 'set-recovery', recovery: kit.recovery }, signer)
  await refreshKitBlob(core, hooks, 'now')
  return { recovery: kit.words }
}
