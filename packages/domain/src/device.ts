/** What a device is, as its owner would say. */
export const deviceKinds = ['phone', 'web', 'desktop', 'display', 'tablet'] as const
export type DeviceKind = (typeof deviceKinds)[number]

export function parseDeviceKind(text: string): DeviceKind | undefined {
  return deviceKinds.find((kind) => kind === text)
}

/** How long a new device waits, unopposed, before it may claim `manage` (D6). */
export const probationMs = 24 * 60 * 60 * 1000
/** How long no device may remove the one that the recovery kit added (D8). */
export const kitProtectionMs = 72 * 60 * 60 * 1000
