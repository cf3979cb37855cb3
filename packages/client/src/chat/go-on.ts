import type { AccountId, ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { isAdmin, type Policy } from '../policy/policy.ts'
import { optionalText, textOf } from '../store/row.ts'
import { enqueue } from './outbox.ts'
import { addChat, chatRecord, policyOf, setChat } from './record.ts'

/** Whether an account may let the chat go on: either of two, an admin, or anyone where there is no admin (C13). */
export function mayLetGoOn(policy: Policy, account: AccountId): boolean {
  const admins = [...policy.members.values()].includes('admin')
  return policy.members.has(account) && (!admins || isAdmin(policy, account))
}

/** A chat that was entered or made names the one before it: from now on both are one conversation. In a transaction. */
export function goOnIn(core: Core, chat: ChatId, emit: (event: ClientEvent) => void): void {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  const before = policy?.predecessor?.chat
  if (record === undefined || policy === undefined || before === undefined) return
  // A device that came later never sees the old one.
  addChat(core.db, before, record.kind, 'succeeded', 0)
  const old = core.db.get('select title, description, written, successor from chat where chat = ?', before)
  const oldPolicy = policyOf({ policy: chatRecord(core.db, before)?.policy })
  if (old === undefined || optionalText(old, 'successor') !== undefined) return
  const entitled = oldPolicy === undefined || mayLetGoOn(oldPolicy, policy.creator)
  const same = oldPolicy === undefined || [...policy.members.keys()].every((account) => oldPolicy.members.has(account))
  if (!entitled || !same) return
  setChat(core.db, before, { state: 'succeeded', successor: chat, held: null })
  setChat(core.db, chat, {
    written: old['written'] ?? 0,
    title: old['title'] ?? '',
    description: old['description'] ?? '',
  })
  core.db.run('update outbox set chat = ?, n = null, epoch = null, message = null where chat = ?', chat, before)
  const title = textOf(old, 'title')
  const tells = title !== '' && policy.creator === core.mustOwn().account
  const info = { title, description: textOf(old, 'description') }
  if (tells) enqueue(core, chat, { kind: { case: 'info', value: info } }, { content: false })
  emit({ event: 'chat', chat, change: 'new' })
}
