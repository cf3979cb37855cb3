import type { ChatId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { numberValue, parseNumber } from './value.ts'
import { standingValue } from './winner.ts'

/** The seq up to which this account has read a chat, on any device; 0 before. */
export function readUpTo(db: Database, chat: ChatId): number {
  const value = standingValue(db, { family: 'read', chat })
  return value === undefined ? 0 : (parseNumber(value) ?? 0)
}

/** Moves the read position forward and clears what was unread; undefined when it stands there or further already. */
export function markReadUpTo(db: Database, me: Me, chat: ChatId, seq: number): SelfOp | undefined {
  if (seq <= readUpTo(db, chat)) return undefined
  return localOp(db, me, selfKey({ family: 'read', chat }), numberValue(seq))
}
