import { type AccountId, type ChatId, parseCredential } from '@quintet/domain'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { heldSentence } from '../content/held.ts'
import { takeKeyPackages } from '../keypackage/take.ts'
import { isAdmin, type Policy } from '../policy/policy.ts'
import { commit } from './commit.ts'
import { catchUp } from './fetch.ts'
import { flush } from './flush.ts'
import { enqueue } from './outbox.ts'
import { inChat } from './in-chat.ts'
import { leaveState } from './intent.ts'
import { chatRecord, policyOf } from './record.ts'
import { carryOut } from './removals.ts'
import { sayAfter } from './say-after.ts'
import { tellLeave } from './tell-leave.ts'

/** The group's policy as it stands; fails where the deed is not this account's to do. */
function groupPolicy(core: Core, chat: ChatId, deed: 'admin' | 'member'): Policy {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  if (record === undefined || policy === undefined)
    throw new ClientError('unknown-chat', 'There is no such group here.')
  if (policy.kind !== 'group') throw new ClientError('not-allowed', 'This is not a group.')
  if (record.state !== 'active') {
    const code = record.state === 'left' || record.state === 'removed' ? 'not-allowed' : 'held'
    throw new ClientError(code, heldSentence(record.state, record.held) ?? 'This group cannot be changed now.')
  }
  if (deed === 'admin' && !isAdmin(policy, core.mustOwn().account))
    throw new ClientError('not-allowed', 'Only an admin of the group can do this.')
  return policy
}

/** Who is in, and as what, is judged by what the relay has, not by what this device has seen of it. */
async function upToDate(core: Core, chat: ChatId): Promise<void> {
  const record = chatRecord(core.db, chat)
  if (record?.state === 'active' && record.relayHead > record.cursor) await catchUp(core, chat)
}

/** Adds people with all their devices; newcomers are told what the group is called (M2). */
export async function addMembers(core: Core, chat: ChatId, accounts: readonly AccountId[]): Promise<void> {
  await inChat(core, chat, async () => {
    await upToDate(core, chat)
    // Whoever has wished to leave counts as a member until a commit has taken them out, and may be let in again after it.
    await carryOut(core, chat)
    const before = groupPolicy(core, chat, 'admin')
    const newcomers = accounts.filter((account) => !before.members.has(account))
    if (newcomers.length === 0) return
    const adds: {
      account: AccountId
      device: Awaited<ReturnType<typeof takeKeyPackages>>['packages'][number]['device']
      bytes: Uint8Array
    }[] = []
    for (const account of newcomers)
      for (const one of (await takeKeyPackages(core, account, before.suite)).packages) adds.push({ account, ...one })
    await commit(core, chat, (view) => {
      const policy = groupPolicy(core, chat, 'admin')
      const there = new Set(view.leaves.map((leaf) => parseCredential(leaf.credential)?.device))
      const members = new Map([
        ...policy.members,
        ...newcomers.map((account) => [account, policy.members.get(account) ?? 'member'] as const),
      ])
      return { adds: adds.filter((add) => !there.has(add.device)), removes: [], policy: { ...policy, members } }
    })
    await sayAfter(core, chat)
  })
}

export async function removeMember(core: Core, chat: ChatId, account: AccountId): Promise<void> {
  await inChat(core, chat, async () => {
    await upToDate(core, chat)
    if (!groupPolicy(core, chat, 'admin').members.has(account))
      throw new ClientError('unknown-handle', 'This person is not in the group.')
    if (account === core.mustOwn().account) throw new ClientError('not-allowed', 'To go yourself, leave the group.')
    await carryOut(core, chat)
    await commit(core, chat, (view) => {
      const policy = groupPolicy(core, chat, 'admin')
      if (!policy.members.has(account)) return undefined
      const removes = view.leaves.filter((leaf) => parseCredential(leaf.credential)?.account === account)
      const members = new Map([...policy.members].filter(([member]) => member !== account))
      return { adds: [], removes: removes.map((leaf) => leaf.index), policy: { ...policy, members } }
    })
  })
}

export async function setAdmin(core: Core, chat: ChatId, account: AccountId, admin: boolean): Promise<void> {
  await inChat(core, chat, async () => {
    await upToDate(core, chat)
    groupPolicy(core, chat, 'admin')
    await carryOut(core, chat)
    await commit(core, chat, () => {
      const policy = groupPolicy(core, chat, 'admin')
      if (!policy.members.has(account)) throw new ClientError('unknown-handle', 'This person is not in the group.')
      const members = new Map([...policy.members, [account, admin ? 'admin' : 'member'] as const])
      if (![...members.values()].includes('admin'))
        throw new ClientError('not-allowed', 'A group needs an admin. Make another member admin first.')
      return (policy.members.get(account) === 'admin') === admin
        ? undefined
        : { adds: [], removes: [], policy: { ...policy, members } }
    })
  })
}

/** C6: a sealed word to the others and a signed intent; the next committer takes the account's leaves out. */
export async function leaveGroup(core: Core, chat: ChatId): Promise<void> {
  const own = core.mustOwn()
  await inChat(core, chat, async () => {
    const policy = groupPolicy(core, chat, 'member')
    const otherAdmin = [...policy.members].some(([account, role]) => account !== own.account && role === 'admin')
    if (isAdmin(policy, own.account) && !otherAdmin && policy.members.size > 1)
      throw new ClientError('not-allowed', 'You are the only admin. Make another member admin before you leave.')
    core.write(() => enqueue(core, chat, { kind: { case: 'left', value: {} } }, { content: false }))
    await flush(core, chat)
    await tellLeave(core, chat)
    core.write((emit) => {
      leaveState(core, chat)
      emit({ event: 'chat', chat, change: 'left' })
    })
  })
}
