import type { AccountId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { wordsValue } from './value.ts'
import { standingValue } from './winner.ts'

/** M4. */
export function isBlocked(db: Database, account: AccountId): boolean {
  return standingValue(db, { family: 'blocked', account }) !== undefined
}

/** Blocks or unblocks; undefined when it is so already. */
export function setBlocked(db: Database, me: Me, account: AccountId, on: boolean): SelfOp | undefined {
  if (isBlocked(db, account) === on) return undefined
  return localOp(db, me, selfKey({ family: 'blocked', account }), on ? wordsValue('on') : undefined)
}
