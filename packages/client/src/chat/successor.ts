import type { ChatId } from '@quintet/domain'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { createChat } from './create.ts'
import { linkChain, mayLetGoOn } from './go-on.ts'
import { planRemovals } from '../policy/plan-removals.ts'
import type { Policy } from '../policy/policy.ts'
import { DatabaseError } from '../ports.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { chatOf, optionalBlob } from '../store/row.ts'
import { accountsOf, chatRecord, policyOf } from './record.ts'
import { keptIntents } from './removals.ts'
import { spentIntents } from './spent-intents.ts'
import { successorId } from './successor-id.ts'

/** Every chat that a refused commit blocked, or that the relay lost (R9), where it is this account's to let it go on. */
export function stoppedChats(core: Core): readonly ChatId[] {
  const own = core.mustOwn().account
  const rows = core.db.all("select chat, policy from chat where state = 'blocked' and held in ('refused', 'restored')")
  return rows.flatMap((row) => {
    const policy = policyOf({ policy: optionalBlob(row, 'policy') })
    return policy !== undefined && mayLetGoOn(policy, own) ? [chatOf(row, 'chat')] : []
  })
}

/** All of them, but while the relay cannot be reached; one that is refused keeps no other waiting. */
export async function letStoppedGoOn(core: Core): Promise<void> {
  for (const chat of stoppedChats(core)) {
    try {
      await letGoOn(core, chat)
    } catch (error) {
      const known = clientErrorOf(error)
      if (error instanceof DatabaseError) throw known
      if (known.code === 'offline') return
    }
  }
}

/**
 * Lets a chat that was stopped go on in a new one: same members but who wished to leave, same rules, what waits moves
 * along (C13).
 *
 * Another device may have been first: then its successor is joined. To be called outside the chat's `serial`.
 */
export async function letGoOn(core: Core, chat: ChatId): Promise<void> {
  const record = must(chatRecord(core.db, chat), 'a chat that is blocked has a row')
  const policy = must(policyOf(record), 'a chat that was entered has a policy')
  const { account } = core.mustOwn()
  const generation = policy.kind === 'direct' ? policy.generation + 1 : policy.generation
  const predecessor = { chat, seq: BigInt(record.cursor), logHash: record.logHash }
  const next = successorId(chat, policy)
  await createChat(core, next, { ...withoutLeavers(core, chat, policy), creator: account, generation, predecessor })
  core.write((emit) => linkChain(core, next, emit))
}

/** Nobody commits in a chat that is stopped: whoever was still to be taken out there is not taken along (C6). */
function withoutLeavers(core: Core, chat: ChatId, policy: Policy): Policy {
  if (policy.kind !== 'group') return policy
  const { policy: without } = planRemovals({
    chat,
    leaves: [],
    ownLeaf: -1,
    policy,
    accounts: accountsOf(core, policy.members.keys()),
    intents: keptIntents(core, chat),
    spentIntents: spentIntents(core.db, chat),
  })
  return without ?? policy
}
