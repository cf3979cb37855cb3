import type { DeviceId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { numberValue, parseNumber } from './value.ts'
import { versionOf } from './version.ts'
import { standingValue } from './winner.ts'

/** The counter up to which a device's ops count (S5): that named at its removal, without one no limit. */
export function lastCounted(db: Database, device: DeviceId): number {
  const value = standingValue(db, { family: 'removed', device })
  return value === undefined ? Number.POSITIVE_INFINITY : (parseNumber(value) ?? 0)
}

/**
 * Names the last op of a removed device that counts: the first thing its remover sends in the self chat (S5).
 *
 * Undefined when a removal is named already.
 */
export function endOpsOf(db: Database, me: Me, device: DeviceId): SelfOp | undefined {
  if (standingValue(db, { family: 'removed', device }) !== undefined) return undefined
  return localOp(db, me, selfKey({ family: 'removed', device }), numberValue(versionOf(db, device).counter))
}
