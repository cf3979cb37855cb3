import { type AccountId, bytesOf, type ChatId, type MessageId } from '@quintet/domain'
import { type BodySchema, type MessageInitShape, maxTextBytes } from '@quintet/wire'
import { ClientError } from '../error.ts'
import type { Database } from '../ports.ts'
import { isBlocked } from '../selfstate/blocked.ts'
import { settingOn } from '../selfstate/settings.ts'
import type { Me } from '../store/me.ts'
import { numberOf } from '../store/row.ts'
import { chatRow, isAdmin, mayEditInfo } from './chat-row.ts'
import { isEmoji } from './emoji.ts'
import { checked } from './checked.ts'
import { editWindowMs, maxNameBytes } from './limits.ts'
import { pendingView } from './pending.ts'
import { isRequest } from './request.ts'
import { targetOf } from './target.ts'

/** What goes into the outbox. */
export type BodyInit = MessageInitShape<typeof BodySchema>

/** A message. Fails with `too-large` beyond 64 KB, `not-allowed` without a word in it. */
export function textBody(text: string): BodyInit {
  return { kind: { case: 'text', value: { text: checked(text, maxTextBytes, 'message') } } }
}

/** An answer to a message that is here. Fails with `unknown-message` besides. */
export function replyBody(db: Database, me: Me, chat: ChatId, target: MessageId, text: string): BodyInit {
  known(db, me, chat, target)
  const value = { text: checked(text, maxTextBytes, 'message'), replyTo: bytesOf(target) }
  return { kind: { case: 'text', value } }
}

/** New words for an own message, at most a day old by relay time `now` (M1). */
export function editBody(db: Database, me: Me, chat: ChatId, target: MessageId, text: string, now: number): BodyInit {
  const message = known(db, me, chat, target)
  if (message.account !== me.account) throw new ClientError('not-allowed', 'Only whoever wrote a message can edit it.')
  refuseDeleted(message)
  if (!message.isText) throw new ClientError('not-allowed', 'This message cannot be edited.')
  if (now - message.at > editWindowMs) {
    throw new ClientError('not-allowed', 'A message can be edited for a day; this one is older.')
  }
  return { kind: { case: 'edit', value: { target: bytesOf(target), text: checked(text, maxTextBytes, 'message') } } }
}

/** Takes a message back for everybody: an own one, or as an admin of the group (M1). */
export function deleteBody(db: Database, me: Me, chat: ChatId, target: MessageId): BodyInit {
  const message = known(db, me, chat, target)
  const admin = chatRow(db, chat)?.kind === 'group' && isAdmin(db, chat, me.account)
  if (message.account !== me.account && !admin) {
    throw new ClientError('not-allowed', 'Only whoever wrote a message, or an admin of the group, can delete it.')
  }
  refuseDeleted(message)
  return { kind: { case: 'delete', value: { target: bytesOf(target) } } }
}

/** Puts an emoji to a message, or takes it off. */
export function reactionBody(
  db: Database,
  me: Me,
  chat: ChatId,
  target: MessageId,
  emoji: string,
  off: boolean,
): BodyInit {
  refuseDeleted(known(db, me, chat, target))
  if (!isEmoji(emoji)) throw new ClientError('not-allowed', 'A reaction is one emoji.')
  return { kind: { case: 'reaction', value: { target: bytesOf(target), emoji, off } } }
}

/** "Read up to here" for the others (T3). */
export function receiptBody(seq: number): BodyInit {
  return { kind: { case: 'receipt', value: { seq: BigInt(seq) } } }
}

/**
 * The seq that a receipt would name now: the newest line of somebody else.
 *
 * Undefined when none is to be sent: nothing of others is here, receipts are off (T3), the chat is a request or its other person blocked (M4).
 */
export function receiptDue(db: Database, me: Me, chat: ChatId): number | undefined {
  if (!settingOn(db, 'read-receipts') || isRequest(db, me, chat)) return undefined
  const peer = chatRow(db, chat)?.peer
  if (peer !== undefined && isBlocked(db, peer)) return undefined
  return newestOfOthers(db, me, chat)
}

/** The seq of the newest line of somebody else. */
export function newestOfOthers(db: Database, me: Me, chat: ChatId): number | undefined {
  const row = db.get(
    'select seq from message where chat = ? and account <> ? order by seq desc limit 1',
    chat,
    me.account,
  )
  return row === undefined ? undefined : numberOf(row, 'seq')
}

/** What a group is called from now on; for those whom its policy lets (M2). */
export function infoBody(db: Database, me: Me, chat: ChatId, title: string, now: number): BodyInit {
  const row = chatRow(db, chat)
  if (row === undefined) throw new ClientError('unknown-chat', 'This chat is not known here.')
  if (row.kind !== 'group' || !mayEditInfo(db, row, me.account)) {
    throw new ClientError('not-allowed', 'You cannot rename this chat.')
  }
  const value = { title: checked(title, maxNameBytes, 'name'), setBy: bytesOf(me.account), setAtMs: BigInt(now) }
  return { kind: { case: 'info', value } }
}

/** How the own account wishes to be shown (M3); empty is allowed. */
export function profileBody(name: string): BodyInit {
  return { kind: { case: 'profile', value: { name: name === '' ? '' : checked(name, maxNameBytes, 'name') } } }
}

interface Known {
  readonly account: AccountId
  readonly at: number
  readonly isText: boolean
  readonly deleted: boolean
}

/** The message meant, sent or still in the outbox: what is written next goes out after it. */
function known(db: Database, me: Me, chat: ChatId, id: MessageId): Known {
  const target = targetOf(db, chat, id)
  if (target !== undefined) return { ...target, isText: target.kind === 'text' }
  const pending = pendingView(db, me, chat, id)
  if (pending === undefined) throw new ClientError('unknown-message', 'This message is not in this chat.')
  return { account: me.account, at: Date.parse(pending.at), isText: true, deleted: false }
}

function refuseDeleted(message: Known): void {
  if (message.deleted) throw new ClientError('not-allowed', 'This message was deleted.')
}
