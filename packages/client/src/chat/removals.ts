import { bytesOf, type ChatId } from '@quintet/domain'
import { fromBinary, SignedLeaveIntentSchema } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { planRemovals } from '../policy/plan-removals.ts'
import { blobOf } from '../store/row.ts'
import { commit, type Wish } from './commit.ts'
import { accountsOf, chatRecord, chatRecords, policyOf } from './record.ts'
import { spentIntents } from './take-commit.ts'

/** What one commit has to take out of a chat before anything is sent there (C7); undefined = nothing. */
export function removalWish(core: Core, chat: ChatId): Wish | undefined {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  const view = policy && core.engine().view(bytesOf(chat))
  if (policy === undefined || view === undefined) return undefined
  const intents = core.db
    .all('select signed from intent where chat = ?', chat)
    .map((row) => fromBinary(SignedLeaveIntentSchema, blobOf(row, 'signed')))
  const plan = planRemovals({
    chat,
    leaves: view.leaves,
    ownLeaf: view.ownLeaf,
    policy,
    accounts: accountsOf(core, policy.members.keys()),
    intents,
    spentIntents: spentIntents(core, { chat }),
  })
  if (plan.removeLeaves.length === 0 && plan.policy === undefined) return undefined
  return { adds: [], removes: plan.removeLeaves.map((leaf) => leaf.index), policy: plan.policy, intents: plan.intents }
}

/** Carries out every removal that is due, the newest chats first; a chat that cannot be changed now keeps nobody else waiting. */
export async function removeEverywhere(core: Core): Promise<void> {
  for (const record of chatRecords(core.db)) {
    if (record.state !== 'active' || removalWish(core, record.chat) === undefined) continue
    try {
      await core.serial(record.chat, () => commit(core, record.chat, () => removalWish(core, record.chat)))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      if (error.code === 'offline') return
    }
  }
}
