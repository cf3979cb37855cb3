import { type AccountId, bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { isAccepted } from '../selfstate/accepted.ts'
import type { Me } from '../store/me.ts'
import { chatRow, policyOf } from './chat-row.ts'

/**
 * True for a direct chat that somebody began whom the own account has neither accepted nor ever written to, and with
 * whom it shares no group (M4): no receipt, no typing, no delivered until it is accepted.
 */
export function isRequest(db: Database, me: Me, chat: ChatId): boolean {
  const row = chatRow(db, chat)
  if (row?.kind !== 'direct' || row.peer === undefined) return false
  if (isAccepted(db, row.peer) || hasWritten(db, chat) || sharesGroup(db, row.peer)) return false
  const creator = policyOf(row)?.creator
  return creator === undefined || !sameBytes(creator, bytesOf(me.account))
}

function hasWritten(db: Database, chat: ChatId): boolean {
  return (
    db.get('select 1 as one from chat where chat = ? and written = 1', chat) !== undefined ||
    db.get('select 1 as one from outbox where chat = ? and content = 1', chat) !== undefined
  )
}

function sharesGroup(db: Database, peer: AccountId): boolean {
  return (
    db.get(
      `select 1 as one from chat c join member m on m.chat = c.chat and m.account = ?
       where c.kind = 'group' and c.state in ('active', 'blocked') limit 1`,
      peer,
    ) !== undefined
  )
}
