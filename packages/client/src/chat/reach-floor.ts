import { bytesOf, sameBytes } from '@quintet/domain'
import type { Core } from '../core.ts'
import { floorOf } from '../selfstate/floor.ts'
import { blobOf } from '../store/row.ts'
import { refuseJoin } from './admit.ts'
import { type ChatRecord, chatRecord, setChat } from './record.ts'

/**
 * Whether the log of a chat that was entered below the floor has led to it (C8), commit by commit under C5. There this
 * device has to have been in the very epoch that its sibling was in, and may send; else the relay keeps from it who went
 * out since, and what it was let into is given up. True where it was not below. Inside the chat's `serial`.
 */
export function reachesFloor(core: Core, entered: ChatRecord): boolean {
  const { chat } = entered
  const floor = floorOf(core.db, chat)
  const now = chatRecord(core.db, chat)
  if (floor === undefined || now?.state !== 'active' || BigInt(entered.epoch) >= floor.epoch) return true
  const row = core.db.get('select authenticator from epoch where chat = ? and epoch = ?', chat, Number(floor.epoch))
  const isSame = row !== undefined && sameBytes(blobOf(row, 'authenticator'), floor.epochAuthenticator)
  // So many commits ago that it is not kept any more: a sibling or a member confirms what came of it.
  if (row === undefined && BigInt(now.epoch) > floor.epoch) return true
  core.write((emit) => {
    if (isSame && now.held === 'unconfirmed') setChat(core.db, chat, { held: null })
    // What it cannot read until it has come in otherwise is missing, and shown so.
    if (!isSame) setChat(core.db, chat, { held: 'repair' })
    if (!isSame) core.engine().deleteGroup(bytesOf(chat))
    emit({ event: 'chat', chat, change: 'held' })
  })
  if (!isSame) refuseJoin(core, chat, now.epoch < Number(floor.epoch) ? 'below-floor' : 'floor-differs')
  return isSame
}
