import { type AccountId, bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { decodeLeaveIntent, leaveIntentHash, verifyLeaveIntent } from '@quintet/identity'
import { fromBinary, type SignedLeaveIntent, SignedLeaveIntentSchema, toBinary } from '@quintet/wire'
import type { Core } from '../core.ts'
import { stateOf } from '../device/directory.ts'
import type { Database } from '../ports.ts'
import { blobOf } from '../store/row.ts'
import { chatRecord, setChat } from './record.ts'
import { keepSpent, spentIntents } from './spent-intents.ts'

const pushed = new WeakMap<Core, Map<ChatId, number>>()

/** The relay has pushed this entry of a chat, whether it has been taken in yet or not. */
export function notePushed(core: Core, chat: ChatId, seq: number): void {
  const heads = pushed.get(core) ?? new Map<ChatId, number>()
  pushed.set(core, heads)
  heads.set(chat, Math.max(seq, heads.get(chat) ?? 0))
}

/** How far a chat's log has come, as the relay has told up to now. */
export function toldHead(core: Core, chat: ChatId): number {
  return Math.max(chatRecord(core.db, chat)?.relayHead ?? 0, pushed.get(core)?.get(chat) ?? 0)
}

/**
 * Keeps a leave intent until a commit carries it out (C6); one of this account's own ends the chat here. In a transaction.
 *
 * `head`: how far the log had come when the relay told of it; entries up to there may still have to be taken in here.
 * The relay hands it over: what no device of the account signed for this chat, or what was carried out before, is nothing.
 */
export function keepIntent(core: Core, chat: ChatId, signed: SignedLeaveIntent, head: number): void {
  const account = decodeLeaveIntent(signed)?.account
  const log = account && stateOf(core, account)
  if (account === core.mustOwn().account) {
    const hash = hexOf(leaveIntentHash(signed))
    if (log === undefined || verifyLeaveIntent(signed, log)?.chat !== chat) return
    if (spentIntents(core.db, chat).has(hash)) return
    keepSpent(core.db, chat, [hash])
    leaveState(core, chat)
    return
  }
  if (account === undefined) return
  // What the log that is known here does not bear out is judged when it is to be carried out: a device that was linked
  // meanwhile may have signed it. It takes the place of none that is known to be one.
  const isKnown = log !== undefined && verifyLeaveIntent(signed, log)?.chat === chat
  const signedBytes = toBinary(SignedLeaveIntentSchema, signed)
  const columns = 'into intent (chat, account, signed, head) values (?, ?, ?, ?)'
  const way = isKnown || !wishesToLeave(core, chat, account) ? 'insert or replace' : 'insert or ignore'
  core.db.run(`${way} ${columns}`, chat, account, signedBytes, head)
}

/** Whether a device of the account, as its log is known here, has signed that the account leaves this chat. */
export function wishesToLeave(core: Core, chat: ChatId, account: AccountId): boolean {
  const row = core.db.get('select signed from intent where chat = ? and account = ?', chat, account)
  const log = stateOf(core, account)
  if (row === undefined || log === undefined) return false
  return verifyLeaveIntent(fromBinary(SignedLeaveIntentSchema, blobOf(row, 'signed')), log)?.chat === chat
}

/** What was known of who wishes to leave is over for a device that does not follow the chat any more. In a transaction. */
export function forgetIntents(db: Database, chat: ChatId): void {
  db.run('delete from intent where chat = ?', chat)
}

/**
 * Forgets what these said before the commit that is this entry; answers it as hashes. What was heard of when the relay
 * already had that entry came after it, and stands. In a transaction.
 */
export function forgetIntentsOf(db: Database, chat: ChatId, of: Iterable<AccountId>, seq: number): readonly string[] {
  return [...of].flatMap((account) => {
    const row = db.get('select signed from intent where chat = ? and account = ? and head < ?', chat, account, seq)
    if (row === undefined) return []
    db.run('delete from intent where chat = ? and account = ?', chat, account)
    return [hexOf(leaveIntentHash(fromBinary(SignedLeaveIntentSchema, blobOf(row, 'signed'))))]
  })
}

/** This account is out: what was said stays, the keys go. In a transaction. */
export function leaveState(core: Core, chat: ChatId): void {
  if (chatRecord(core.db, chat) === undefined) return
  core.engine().deleteGroup(bytesOf(chat))
  forgetIntents(core.db, chat)
  core.db.run('delete from outbox where chat = ?', chat)
  setChat(core.db, chat, { state: 'left', held: null })
}
