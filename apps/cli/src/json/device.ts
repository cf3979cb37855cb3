import type { DeviceView } from '@quintet/client-node'

/** A device as docs/cli.md promises it. */
export function deviceJson(device: DeviceView): object {
  return {
    device: device.device,
    name: device.name,
    kind: device.kind,
    main: device.main,
    self: device.self,
    manage: device.manage,
    ...(device.probationUntil === undefined ? {} : { probationUntil: device.probationUntil }),
    ...(device.lastSeen === undefined ? {} : { lastSeen: device.lastSeen }),
  }
}
