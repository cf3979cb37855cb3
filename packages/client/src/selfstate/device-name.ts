import type { DeviceId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { parseWords, wordsValue } from './value.ts'
import { standingValue } from './winner.ts'

/** What the own account calls one of its devices; private, never in the log (DESIGN 3). */
export function deviceName(db: Database, device: DeviceId): string | undefined {
  const value = standingValue(db, { family: 'device-name', device })
  return value === undefined ? undefined : parseWords(value)
}

/** Names a device; undefined when it is called so already. */
export function nameDevice(db: Database, me: Me, device: DeviceId, name: string): SelfOp | undefined {
  if (deviceName(db, device) === name) return undefined
  return localOp(db, me, selfKey({ family: 'device-name', device }), wordsValue(name))
}
