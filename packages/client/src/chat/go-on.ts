import type { AccountId, ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { isAdmin, type Policy } from '../policy/policy.ts'
import { chatOf, optionalText, textOf } from '../store/row.ts'
import { compareEnds } from './compare-ends.ts'
import { enqueue } from './outbox.ts'
import { chatRecord, policyOf, setChat } from './record.ts'
import { successorId } from './successor-id.ts'

/** Whether an account may let the chat go on: either of two, an admin, or anyone where there is no admin (C13). */
export function mayLetGoOn(policy: Policy, account: AccountId): boolean {
  const admins = [...policy.members.values()].includes('admin')
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
 * Nothing that a stranger names as the one before is believed: it is of the same kind and people, its creator was
 * entitled there, and the id is the one that follows from it.
 */
function goOnIn(core: Core, chat: ChatId, emit: (event: ClientEvent) => void): void {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  const predecessor = policy?.predecessor
  if (record === undefined || policy === undefined || predecessor === undefined) return
  const before = predecessor.chat
  const old = core.db.get('select state, title, description, written, successor from chat where chat = ?', before)
  const oldPolicy = policyOf({ policy: chatRecord(core.db, before)?.policy })
  if (old === undefined || optionalText(old, 'successor') !== undefined) return
  if (oldPolicy === undefined) {
    // One that this device has not entered: nothing is said in it any more.
    const follows = successorId(before, { ...policy, generation: policy.generation - 1 }) === chat
    if (follows && textOf(old, 'state') === 'joining') setChat(core.db, before, { state: 'ended' })
    return
  }
  const entitled = oldPolicy.kind === policy.kind && mayLetGoOn(oldPolicy, policy.creator)
  const same = [...policy.members.keys()].every((account) => oldPolicy.members.has(account))
  if (!entitled || !same || successorId(before, oldPolicy) !== chat) return
  setChat(core.db, before, { state: 'succeeded', successor: chat, held: null })
  setChat(core.db, chat, { written: old['written'] ?? 0 })
  // Whoever comes to the old one last may know by then what the new one is called.
  core.db.run(
    "update chat set title = ?, description = ? where chat = ? and title_seq = 0 and title = ''",
    old['title'] ?? '',
    old['description'] ?? '',
    chat,
  )
  core.db.run('update outbox set chat = ?, n = null, epoch = null, message = null where chat = ?', chat, before)
  compareEnds(core, chat, predecessor)
  const title = textOf(old, 'title')
  const tells = title !== '' && policy.creator === core.mustOwn().account
  const info = { title, description: textOf(old, 'description') }
  if (tells) enqueue(core, chat, { kind: { case: 'info', value: info } }, { content: false })
  emit({ event: 'chat', chat, change: 'new' })
}
