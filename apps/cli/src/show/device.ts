import type { DeviceView } from '@quintet/client-node'
import type { Paint } from './paint.ts'
import { oneLine } from './safe.ts'
import { shortId } from './short-id.ts'
import { table } from './table.ts'
import { ago, upcoming } from './time.ts'
import { cut } from './width.ts'

function deviceName(device: DeviceView): string {
  return device.name === '' ? `unnamed ${device.kind}` : oneLine(device.name)
}

function managing(device: DeviceView, nowMs: number): string {
  if (device.manage) return 'yes'
  if (device.probationUntil === undefined) return 'no'
  // A right that is due comes with the device's next connection.
  return Date.parse(device.probationUntil) <= nowMs ? 'soon' : `from ${upcoming(device.probationUntil, nowMs)}`
}

/** The account's devices, this one and the main one marked. */
export function deviceTable(paint: Paint, devices: readonly DeviceView[], nowMs: number): string {
  const rows = devices.map((device) => [
    device.self ? paint.accent(cut(deviceName(device), 28)) : cut(deviceName(device), 28),
    device.kind,
    [device.main ? 'main' : '', device.self ? 'this one' : ''].filter((mark) => mark !== '').join(', '),
    managing(device, nowMs),
    device.self ? 'now' : device.lastSeen === undefined ? 'not yet' : ago(device.lastSeen, nowMs),
    paint.quiet(shortId(device.device)),
  ])
  return table(paint, ['DEVICE', 'KIND', '', 'MANAGES', 'LAST SEEN', 'ID'], rows)
}

/** What a device that was just taken in may do, in one sentence. */
export function welcomeLine(device: DeviceView, nowMs: number): string {
  const name = deviceName(device)
  if (device.manage) return `${name} is part of your account. It can do everything, managing your devices included.`
  if (device.probationUntil === undefined)
    return `${name} is part of your account. It can do everything except manage your devices.`
  return `${name} is part of your account. It can do everything except manage your devices; that begins ${upcoming(device.probationUntil, nowMs)}.`
}
