import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { parseWords, wordsValue } from './value.ts'
import { standingValue } from './winner.ts'

/** `read-receipts` (T3) and `delivered` (T4). Both are on until somebody turns them off. */
export type Setting = 'read-receipts' | 'delivered'

export function settingOn(db: Database, name: Setting): boolean {
  const value = standingValue(db, { family: 'settings', name })
  return value === undefined || parseWords(value) !== 'off'
}

/** Turns a setting on or off; undefined when it is so already. */
export function setSetting(db: Database, me: Me, name: Setting, on: boolean): SelfOp | undefined {
  if (settingOn(db, name) === on) return undefined
  return localOp(db, me, selfKey({ family: 'settings', name }), wordsValue(on ? 'on' : 'off'))
}
