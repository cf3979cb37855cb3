import type { AccountId, ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { stateOf } from '../device/directory.ts'
import { isAdmin, type Policy } from '../policy/policy.ts'
import type { Row } from '../ports.ts'
import { chatOf, numberOf, optionalText, textOf } from '../store/row.ts'
import { compareEnds, noteMissing } from './compare-ends.ts'
import { wishesToLeave } from './intent.ts'
import { enqueue } from './outbox.ts'
import { chatRecord, chatRecords, policyOf, setChat } from './record.ts'
import { follows, successorId } from './successor-id.ts'

/** Whether an account may let the chat go on: either of two, an admin, or anyone where there is no admin (C13). */
export function mayLetGoOn(policy: Policy, account: AccountId): boolean {
  const admins = policy.kind === 'group' && [...policy.members.values()].includes('admin')
  return policy.members.has(account) && (!admins || isAdmin(policy, account))
}

/** Looks at a chat that was just entered or made: what it goes on with, and what goes on with it. In a transaction. */
export function linkChain(core: Core, chat: ChatId, emit: (event: ClientEvent) => void): void {
  goOnIn(core, chat, emit)
  const later = core.db.get('select chat from chat where predecessor = ? and policy is not null', chat)
  if (later !== undefined) goOnIn(core, chatOf(later, 'chat'), emit)
}

/**
 * A chat that was entered or made names the one before it: from now on both are one conversation. In a transaction.
 *
 * Nothing that a stranger names as the one before is believed: it is of the same kind, its creator was entitled there,
 * changes nothing that a commit of theirs could not (C5), and the id is the one that follows from it. Who came into a
 * group later than this device knows, because the relay was restored or this device alone was stopped earlier, is in.
 */
function goOnIn(core: Core, chat: ChatId, emit: (event: ClientEvent) => void): void {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  const predecessor = policy?.predecessor
  if (record === undefined || policy === undefined || predecessor === undefined) return
  const before = predecessor.chat
  const old = core.db.get(
    'select state, cursor, title, description, written, successor from chat where chat = ?',
    before,
  )
  const oldPolicy = policyOf({ policy: chatRecord(core.db, before)?.policy })
  const known = old && optionalText(old, 'successor')
  if (old === undefined || known !== undefined) {
    // It was entered once more while this device learnt that it goes on.
    if (known === chat) setChat(core.db, before, { state: 'succeeded', held: null })
    return
  }
  if (oldPolicy === undefined) {
    if (!follows(chat, policy)) return
    // What a sibling has told of it, its name, is true of this one.
    callAlike(core, chat, old)
    // One that this device has not entered: nothing is said in it any more.
    if (textOf(old, 'state') !== 'joining' || isOnTheWay(core, before)) return
    setChat(core.db, before, { state: 'ended' })
    // Unless it was taken into that by a Welcome that it could not use: what came after was for it.
    const from = numberOf(old, 'cursor')
    if (from > 0 && from < Number(predecessor.seq)) noteMissing(core, before, from + 1, Number(predecessor.seq))
    return
  }
  const entitled = oldPolicy.kind === policy.kind && mayLetGoOn(oldPolicy, policy.creator)
  if (!entitled || !keepsRules(core, before, oldPolicy, policy) || successorId(before, oldPolicy) !== chat) return
  setChat(core.db, before, { state: 'succeeded', successor: chat, held: null })
  setChat(core.db, chat, { written: old['written'] ?? 0 })
  callAlike(core, chat, old)
  core.db.run('update outbox set chat = ?, n = null, epoch = null, message = null where chat = ?', chat, before)
  compareEnds(core, chat, predecessor)
  const title = textOf(old, 'title')
  const tells = title !== '' && policy.creator === core.mustOwn().account
  const info = { title, description: textOf(old, 'description') }
  if (tells) enqueue(core, chat, { kind: { case: 'info', value: info } }, { content: false })
  emit({ event: 'chat', chat, change: 'new' })
}

/**
 * Whether a chat that this device was in goes on in this one: then it is entered even where it has gone on as well. Each
 * step of a conversation is judged by the one before it, so the way to the last leads through all of them.
 */
export function isOnTheWay(core: Core, chat: ChatId): boolean {
  return chatRecords(core.db).some((record) => {
    const policy = policyOf(record)
    return policy !== undefined && successorId(record.chat, policy) === chat
  })
}

/** Whoever comes to the old one last may know by then what the new one is called. */
function callAlike(core: Core, chat: ChatId, old: Row): void {
  core.db.run(
    "update chat set title = ?, description = ? where chat = ? and title_seq = 0 and title = ''",
    old['title'] ?? '',
    old['description'] ?? '',
    chat,
  )
}

/** An admin changes a group as they like, but for its suite. Whoever is none lets a chat go on as it was, nobody left out but who is gone. */
function keepsRules(core: Core, chat: ChatId, before: Policy, after: Policy): boolean {
  if (before.suite !== after.suite) return false
  if (before.kind === 'group' && isAdmin(before, after.creator)) return true
  const newcomer = before.kind === 'group' && before.add === 'members' ? 'member' : undefined
  const roles = [...after.members].every(([account, role]) => (before.members.get(account) ?? newcomer) === role)
  const missing = [...before.members.keys()].filter((account) => !after.members.has(account))
  return (
    roles &&
    before.add === after.add &&
    before.editInfo === after.editInfo &&
    missing.every((account) => stateOf(core, account)?.closed === true || wishesToLeave(core, chat, account))
  )
}
