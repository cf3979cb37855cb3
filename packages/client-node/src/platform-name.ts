import { platform } from 'node:os'

const names: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
  freebsd: 'FreeBSD',
  openbsd: 'OpenBSD',
  android: 'Android',
}

/** What the approver of this device is shown. */
export function platformName(): string {
  return `Terminal on ${names[platform()] ?? platform()}`
}
