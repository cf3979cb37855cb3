import { type ChatId, parseChatBytes } from '@quintet/domain'
import { type Floor, FloorSchema, fromBinary, type SelfOp, toBinary } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { blobOf } from '../store/row.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'

/** Below which no GroupInfo of a chat is trusted (C8). */
export function floorOf(db: Database, chat: ChatId): Floor | undefined {
  const row = db.get('select floor from floor where chat = ?', chat)
  return row === undefined ? undefined : fromBinary(FloorSchema, blobOf(row, 'floor'))
}

/** Raises a chat's floor on all devices; undefined when it is as high already, or the floor names no chat. */
export function raiseFloor(db: Database, me: Me, floor: Floor): SelfOp | undefined {
  const chat = parseChatBytes(floor.chat)
  if (chat === undefined) return undefined
  const known = floorOf(db, chat)
  if (known !== undefined && known.epoch >= floor.epoch) return undefined
  return localOp(db, me, selfKey({ family: 'floor', chat }), toBinary(FloorSchema, floor))
}
