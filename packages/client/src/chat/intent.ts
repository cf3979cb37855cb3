import { bytesOf, type ChatId, parseAccountBytes } from '@quintet/domain'
import { fromBinary, LeaveIntentSchema, type SignedLeaveIntent, SignedLeaveIntentSchema, toBinary } from '@quintet/wire'
import type { Core } from '../core.ts'
import { setChat } from './record.ts'

/** Keeps a leave intent until a commit carries it out (C6); one of this account's own ends the chat here. In a transaction. */
export function keepIntent(core: Core, chat: ChatId, signed: SignedLeaveIntent): void {
  const account = accountIn(signed)
  if (account === undefined) return
  if (account === core.mustOwn().account) {
    setChat(core.db, chat, { state: 'left' })
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

/** A join that a crash cut off is begun anew: its old leaf, if it stands, is replaced (resync). */
export function dropStaleScratch(core: Core, chat: ChatId): void {
  const pending = core.db.get('select 1 as one from pending_commit where chat = ? and scratch = 1', chat)
  if (pending === undefined) return
  core.write(() => {
    core.engine().dropScratch(bytesOf(chat))
    core.db.run('delete from pending_commit where chat = ?', chat)
  })
}
