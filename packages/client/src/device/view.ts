import type { DeviceId, DeviceKind } from '@quintet/domain'
import { parseDeviceBytes } from '@quintet/domain'
import { activeDevices, type DeviceRecord, probationUntil } from '@quintet/identity'
import type { DeviceView } from '../api.ts'
import type { Core } from '../core.ts'
import type { ReplaceableDevice } from '../error.ts'
import { ConnectionLost } from '../relay/link.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { deviceName } from '../selfstate/device-name.ts'
import { stateOf } from './directory.ts'

const kindNames: Readonly<Record<DeviceKind, string>> = {
  phone: 'Phone',
  web: 'Web',
  desktop: 'Desktop',
  display: 'Display',
  tablet: 'Tablet',
}

/** What a device is called: by its owner, else by its kind. */
export function nameOfDevice(core: Pick<Core, 'db'>, record: Pick<DeviceRecord, 'device' | 'kind'>): string {
  return deviceName(core.db, record.device) ?? kindNames[record.kind]
}

/** The account's devices as the newest log kept here lists them, the main one first, then in the order they came. */
export async function deviceViews(core: Core): Promise<readonly DeviceView[]> {
  const own = core.mustOwn()
  const state = stateOf(core, own.account)
  if (state === undefined) return []
  const seen = await lastSeen(core)
  const views = activeDevices(state).map((record) => {
    const until = probationUntil(record)
    return {
      device: record.device,
      name: nameOfDevice(core, record),
      kind: record.kind,
      main: state.main === record.device,
      self: own.device === record.device,
      manage: record.manage,
      probationUntil: until === undefined ? undefined : new Date(until).toISOString(),
      lastSeen: seen.get(record.device),
    }
  })
  return [...views.filter((view) => view.main), ...views.filter((view) => !view.main)]
}

/** The linked devices that could make room for another one: what a full account is told. */
export async function replaceableDevices(core: Core): Promise<readonly ReplaceableDevice[]> {
  const views = await deviceViews(core)
  return views.filter((view) => !view.main).map(({ device, name, lastSeen }) => ({ device, name, lastSeen }))
}

/** When the relay last saw each of one's devices, ISO 8601; empty when it cannot be asked. */
async function lastSeen(core: Core): Promise<ReadonlyMap<DeviceId, string>> {
  try {
    const { devices } = await core.relay.call('lastSeen', {}, 'lastSeen')
    return new Map(
      devices.flatMap(({ device, atMs }) => {
        const id = parseDeviceBytes(device)
        return id === undefined || atMs === 0n ? [] : [[id, new Date(Number(atMs)).toISOString()] as const]
      }),
    )
  } catch (error) {
    if (error instanceof ConnectionLost) return new Map()
    throw clientErrorOf(error)
  }
}
