import type { AccountId, ChatId } from '@quintet/domain'
import { type ChatPolicy, ChatPolicySchema, fromBinary, Permission } from '@quintet/wire'
import type { ChatKindName } from '../api.ts'
import { type Database, DatabaseError, type Row } from '../ports.ts'
import { accountOf, optionalBlob, textOf } from '../store/row.ts'

/** A chat as its row in the database says. */
export interface ChatRow {
  readonly chat: ChatId
  readonly kind: ChatKindName
  readonly peer: AccountId | undefined
  readonly state: string
  readonly policy: Uint8Array | undefined
}

export function chatRow(db: Database, chat: ChatId): ChatRow | undefined {
  const row = db.get('select kind, peer, state, policy from chat where chat = ?', chat)
  if (row === undefined) return undefined
  return {
    chat,
    kind: kindOf(row),
    peer: row['peer'] === null ? undefined : accountOf(row, 'peer'),
    state: textOf(row, 'state'),
    policy: optionalBlob(row, 'policy'),
  }
}

/** The kind in a row of table `chat`. */
export function kindOf(row: Row): ChatKindName {
  const kind = textOf(row, 'kind')
  if (kind === 'direct' || kind === 'group' || kind === 'self') return kind
  throw new DatabaseError('damaged', 'column kind holds what this version never writes')
}

/** What the group agreed on (C1). The bytes were judged before they were stored. */
export function policyOf(chat: Pick<ChatRow, 'policy'>): ChatPolicy | undefined {
  return chat.policy === undefined ? undefined : fromBinary(ChatPolicySchema, chat.policy)
}

/** True for an admin by the newest policy. */
export function isAdmin(db: Database, chat: ChatId, account: AccountId): boolean {
  return (
    db.get("select 1 as one from member where chat = ? and account = ? and role = 'admin'", chat, account) !== undefined
  )
}

/** Whom the policy lets name the group: admins, or every member (M2). */
export function mayEditInfo(db: Database, chat: ChatRow, account: AccountId): boolean {
  return policyOf(chat)?.editInfo === Permission.MEMBERS || isAdmin(db, chat.chat, account)
}
