import { bytesOf, type ChatId, parseAccountBytes } from '@quintet/domain'
import { fromBinary, LeaveIntentSchema, type SignedLeaveIntent, SignedLeaveIntentSchema, toBinary } from '@quintet/wire'
import type { Core } from '../core.ts'
import { chatRecord, setChat } from './record.ts'

/** Keeps a leave intent until a commit carries it out (C6); one of this account's own ends the chat here. In a transaction. */
export function keepIntent(core: Core, chat: ChatId, signed: SignedLeaveIntent): void {
  const account = accountIn(signed)
  if (account === undefined) return
  if (account === core.mustOwn().account) {
    leaveState(core, chat)
    return
  }
  core.db.run(
    'insert or replace into intent (chat, account, signed) values (?, ?, ?)',
    chat,
    account,
    toBinary(SignedLeaveIntentSchema, signed),
  )
}

function accountIn(signed: SignedLeaveIntent) {
  try {
    return parseAccountBytes(fromBinary(LeaveIntentSchema, signed.intent).account)
  } catch {
    return undefined
  }
}

/** This account is out: what was said stays, the keys go. In a transaction. */
export function leaveState(core: Core, chat: ChatId): void {
  const record = chatRecord(core.db, chat)
  if (record === undefined || record.state === 'left') return
  if (record.state === 'active') core.engine().deleteGroup(bytesOf(chat))
  core.db.run('delete from outbox where chat = ?', chat)
  setChat(core.db, chat, { state: 'left', held: null })
}
