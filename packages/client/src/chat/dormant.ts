import { type DeviceId, parseDeviceBytes, parseDeviceId } from '@quintet/domain'
import { activeDevices } from '@quintet/identity'
import type { Core } from '../core.ts'
import { stateOf } from '../device/directory.ts'
import { ask } from '../relay/ask.ts'
import { metaNumber, metaText, setMeta } from '../store/meta.ts'

const dayMs = 24 * 60 * 60 * 1000
/** After this long without a sign of it a device counts as dormant (C11). */
const idleMs = 60 * dayMs

/** Devices that have not been seen for 60 days: their leaves go with the next commit, their place in the account stays. */
export function dormantDevices(core: Pick<Core, 'db'>): ReadonlySet<DeviceId> {
  const words = `${metaText(core.db, 'dormant') ?? ''} ${metaText(core.db, othersKey) ?? ''}`
  return new Set(words.split(' ').flatMap((word) => parseDeviceId(word) ?? []))
}

const othersKey = 'dormant/others'

/** Somebody of them has come back: gives up what the relay said, and asks it again; false where it had said nothing. */
export function forgetIdle(core: Pick<Core, 'db' | 'write'>): boolean {
  if (dormantDevices(core).size === 0) return false
  core.write(() => {
    for (const key of ['dormant', othersKey, 'dormant/asked']) setMeta(core.db, key, undefined)
  })
  return true
}

/**
 * Asks the relay once a day which devices have been away; every chat is looked at again where one's own changed. Others'
 * leaves wait for the next commit that something is written after.
 */
export async function noteDormant(core: Core): Promise<void> {
  const own = core.mustOwn()
  const log = stateOf(core, own.account)
  const now = Math.trunc(core.relayNow())
  const last = metaNumber(core.db, 'dormant/asked')
  if (log === undefined || (last !== undefined && now - last < dayMs)) return
  const { devices, idle } = await ask(core, 'lastSeen', {}, 'lastSeen')
  const seen = new Map(devices.map(({ device, atMs }) => [parseDeviceBytes(device), Number(atMs)]))
  const away = activeDevices(log).flatMap(({ device }) => {
    const at = seen.get(device) ?? 0
    return device !== own.device && at > 0 && now - at >= idleMs ? [device] : []
  })
  const words = away.sort().join(' ')
  core.write(() => {
    setMeta(core.db, 'dormant/asked', now)
    const others = idle.flatMap(({ device }) => parseDeviceBytes(device) ?? [])
    setMeta(core.db, othersKey, others.length === 0 ? undefined : others.join(' '))
    if (words === (metaText(core.db, 'dormant') ?? '')) return
    setMeta(core.db, 'dormant', words)
    core.db.run('update chat set judged = -1')
  })
}
