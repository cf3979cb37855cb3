import type { AccountId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { wordsValue } from './value.ts'
import { standingValue } from './winner.ts'

/** True when a person's direct chat is no request: it was accepted, or written to first (M4). */
export function isAccepted(db: Database, account: AccountId): boolean {
  return standingValue(db, { family: 'accepted', account }) !== undefined
}

/** Accepts; undefined when it is so already. Also to be done at the first message to somebody, for devices linked later. */
export function accept(db: Database, me: Me, account: AccountId): SelfOp | undefined {
  if (isAccepted(db, account)) return undefined
  return localOp(db, me, selfKey({ family: 'accepted', account }), wordsValue('on'))
}
