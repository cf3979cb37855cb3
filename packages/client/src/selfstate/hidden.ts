import type { ChatId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { numberValue, parseNumber } from './value.ts'
import { standingValue, valuesOf } from './winner.ts'

/** Chats taken off the list, each until something newer than the seq comes. */
export function hiddenChats(db: Database): ReadonlyMap<string, number> {
  return new Map(valuesOf(db, 'hidden').map((op) => [op.key.slice('hidden/'.length), parseNumber(op.value) ?? 0]))
}

/** Takes a chat off the list with all up to `seq`; undefined brings it back. */
export function setHidden(db: Database, me: Me, chat: ChatId, seq: number | undefined): SelfOp | undefined {
  const value = seq === undefined ? undefined : numberValue(seq)
  const known = standingValue(db, { family: 'hidden', chat })
  if ((known === undefined ? undefined : parseNumber(known)) === seq) return undefined
  return localOp(db, me, selfKey({ family: 'hidden', chat }), value)
}
