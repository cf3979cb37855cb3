import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import { applySelfOps } from '../selfstate/apply.ts'
import { isBlocked } from '../selfstate/blocked.ts'
import type { Me } from '../store/me.ts'
import { applyAction } from './action.ts'
import type { Arrived } from './arrived.ts'
import { type ChatRow, chatRow, isAdmin } from './chat-row.ts'
import { type Deed, targetIdOf } from './deed.ts'
import { drop } from './drop.ts'
import { applyInfo } from './info.ts'
import { applyLeft } from './left.ts'
import { applyProfile } from './profile.ts'
import { applyReceipt } from './receipt.ts'
import { applyText } from './text.ts'
import { applyUnknown } from './unknown.ts'

/**
 * Takes an opened entry into the database and says what changed.
 *
 * Called inside the transaction that moves the cursor, in order of seq, for the own account's entries too once the relay
 * has accepted them. What nobody was entitled to is counted and leaves nothing else.
 */
export function applyBody(db: Database, arrived: Arrived, me: Me): readonly ClientEvent[] {
  const chat = chatRow(db, arrived.chat)
  if (chat === undefined) return []
  if (chat.kind === 'direct' && arrived.account !== me.account && isBlocked(db, arrived.account)) return []
  const { kind } = arrived.body
  // A flag that is false would tell the sender of a delivery where there is nothing to deliver (T2).
  if (arrived.content && kind.case !== undefined && kind.case !== 'text') return drop(db, chat.chat, 'content-flag')
  switch (kind.case) {
    case 'text':
      return applyText(db, me, chat, arrived, kind.value)
    case 'edit':
    case 'delete':
    case 'reaction':
      return applyDeed(db, me, chat, arrived, kind)
    case 'receipt':
      return applyReceipt(db, me, arrived, kind.value)
    case 'info':
      return applyInfo(db, me, chat, arrived, kind.value)
    case 'profile':
      return applyProfile(db, me, arrived, kind.value)
    case 'left':
      return applyLeft(db, me, arrived)
    case 'selfOps':
      if (chat.kind !== 'self' || arrived.account !== me.account) return drop(db, chat.chat, 'not-entitled')
      return applySelfOps(db, me, kind.value, arrived.device, arrived.at)
    case 'epochConfirm': // of the engine's concern: it changes no content (C8)
      return chat.kind === 'self' ? [] : drop(db, chat.chat, 'not-entitled')
    case undefined:
      return applyUnknown(db, me, chat, arrived)
  }
}

function applyDeed(db: Database, me: Me, chat: ChatRow, arrived: Arrived, deed: Deed): readonly ClientEvent[] {
  const target = targetIdOf(deed.value)
  if (target === undefined) return drop(db, chat.chat, 'malformed')
  const admin = chat.kind === 'group' && isAdmin(db, chat.chat, arrived.account)
  const { seq, at, account } = arrived
  return applyAction(db, me, { chat: chat.chat, seq, at, account, admin, target, deed })
}
