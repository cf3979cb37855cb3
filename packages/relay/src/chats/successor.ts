import { type AccountId, asciiBytes, bytesOf, type ChatId, concatBytes, sameBytes } from '@quintet/domain'
import { isComingBack } from '../coming-back.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { parsePolicy, type PolicyView } from './chat-policy.ts'
import { isParty, type LiveChat } from './live-chat.ts'
import { policyChangeFault } from './policy-change.ts'

/**
 * Why this chat may not go on with the one that its policy names (C13); undefined when it may, or names none.
 *
 * A chat has one successor, since its id follows from the chat's: the first create wins. Whether there was a reason to
 * leave the old one is for the members to judge, and after a restore (R9), when this relay knows the old one as it was
 * or not at all, so is who is in it.
 */
export async function successorFault(
  core: RelayCore,
  id: ChatId,
  policy: PolicyView,
  caller: Caller,
): Promise<string | undefined> {
  if (policy.predecessor === undefined)
    return policy.kind === 'direct' && policy.generation > 0
      ? 'A later chat of a pair names the one before.'
      : undefined
  const chat = await core.chats.get(policy.predecessor)
  const before = chat && parsePolicy(chat.policy)
  const lost = isComingBack(core)
  if (lost && chat === undefined) return nameFault(core, id, policy, policy.predecessor)
  if (!chat || before === undefined || !isParty(chat, caller.account)) return 'The chat before is not one of yours.'
  const strangers = !lost && [...policy.accounts].some((account) => !before.accounts.has(account))
  if (before.kind !== policy.kind || strangers) return 'A chat goes on with its own members.'
  if (before.kind === 'group' && before.admins.size > 0 && !before.admins.has(caller.account))
    return 'An admin lets the chat go on.'
  // Whoever is no admin changes nothing by it that a commit of theirs could not (C5).
  const how = { by: caller.account, leaving: chat.intents, ended: await endedOf(core, chat) }
  const change = lost ? undefined : policyChangeFault(before, policy, how)
  if (change) return change
  const skips = policy.kind === 'direct' && policy.generation !== before.generation + 1
  return skips ? 'The chats of a pair are counted one by one.' : nameFault(core, id, policy, policy.predecessor)
}

/** A pair's chat is named by the pair (C2), which creation checks; any other successor by the chat before. */
function nameFault(core: RelayCore, id: ChatId, policy: PolicyView, before: ChatId): string | undefined {
  if (policy.kind === 'direct') return undefined
  const expected = core.runtime.sha256(concatBytes(asciiBytes('quintet/successor/v1'), bytesOf(before)))
  return sameBytes(expected, bytesOf(id)) ? undefined : 'The id is not that of the successor.'
}

async function endedOf(core: RelayCore, chat: LiveChat): Promise<ReadonlySet<AccountId>> {
  const ended = new Set<AccountId>()
  for (const account of chat.parties.keys())
    if ((await core.accounts.get(account))?.state.closed === true) ended.add(account)
  return ended
}
