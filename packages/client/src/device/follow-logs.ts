import { parseAccountBytes } from '@quintet/domain'
import { activeDevices } from '@quintet/identity'
import type { LogChanged } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { noteToldHead, refresh, stateOf } from './directory.ts'
import type { DeviceHooks } from './hooks.ts'

/**
 * Hears from the relay that logs go on, while connected; answers how to stop.
 *
 * Others' are noted and fetched before the next send to them (D10); one's own at once: all devices are told of every
 * change (L8), and what was removed leaves the chats (C7).
 */
export function followLogs(core: Core, hooks: Pick<DeviceHooks, 'removalsDue'>): () => void {
  let cancel = () => {}
  const later = () => {
    cancel()
    cancel = core.clock.after(siblingMs, () => {
      hooks.removalsDue(core).catch((error: unknown) => void clientErrorOf(error))
    })
  }
  const stop = core.relay.onPush((push) => {
    if (push.kind.case === 'logChanged') void heard(core, push.kind.value, later)
  })
  return () => {
    stop()
    cancel()
  }
}

/** The device that unlinked another commits at once; its siblings only what it left undone (C7), ms. */
const siblingMs = 2_000

async function heard(core: Core, changed: LogChanged, removeLater: () => void): Promise<void> {
  const account = parseAccountBytes(changed.account)
  if (account === undefined || changed.head === undefined) return
  noteToldHead(core, account, changed.head)
  if (account !== core.own()?.account) return
  const before = stateOf(core, account)
  try {
    await refresh(core, [account])
    const after = stateOf(core, account)
    if (after === undefined || after.closed) return
    const listed = new Set(activeDevices(after).map((record) => record.device))
    const gone = before !== undefined && activeDevices(before).some((record) => !listed.has(record.device))
    if (gone && listed.has(core.mustOwn().device)) removeLater()
  } catch (error) {
    // Away again: the next sync asks for the log anyway.
    if (!(error instanceof ClientError)) throw error
  }
}
