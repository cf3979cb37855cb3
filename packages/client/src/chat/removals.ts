import { bytesOf, type ChatId } from '@quintet/domain'
import { fromBinary, type SignedLeaveIntent, SignedLeaveIntentSchema } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { planRemovals } from '../policy/plan-removals.ts'
import { blobOf, chatOf, numberOf } from '../store/row.ts'
import { commit, type Wish } from './commit.ts'
import { dormantDevices } from './dormant.ts'
import { join } from './join.ts'
import { accountsOf, chatRecord, policyOf, setChat } from './record.ts'
import { orRepair } from './repair.ts'
import { spentIntents } from './spent-intents.ts'

/** What one commit has to take out of a chat before anything is sent there (C7); undefined = nothing. */
export function removalWish(core: Core, chat: ChatId): Wish | undefined {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  const view = policy && core.engine().view(bytesOf(chat))
  if (policy === undefined || view === undefined) return undefined
  const plan = planRemovals({
    chat,
    leaves: view.leaves,
    ownLeaf: view.ownLeaf,
    policy,
    accounts: accountsOf(core, policy.members.keys()),
    intents: keptIntents(core, chat),
    spentIntents: spentIntents(core.db, chat),
    dormant: dormantDevices(core),
  })
  if (plan.removeLeaves.length === 0 && plan.policy === undefined) return undefined
  return {
    adds: [],
    removes: plan.removeLeaves.map((leaf) => leaf.index),
    policy: plan.policy,
    intents: plan.intents,
    idle: plan.idle,
  }
}

/** What those signed who wish to leave this chat and whom no commit has taken out yet. */
export function keptIntents(core: Core, chat: ChatId): readonly SignedLeaveIntent[] {
  return core.db
    .all('select signed from intent where chat = ?', chat)
    .map((row) => fromBinary(SignedLeaveIntentSchema, blobOf(row, 'signed')))
}

/** Takes out whoever is to be, before anything else is changed in that chat (C6, C7). Inside the chat's `serial`. */
export async function carryOut(core: Core, chat: ChatId): Promise<void> {
  if (removalWish(core, chat) !== undefined) await commit(core, chat, () => removalWish(core, chat))
}

/**
 * Carries out every removal that is due, the newest chats first; one that cannot be changed now keeps no other waiting.
 *
 * Only chats are looked at in which somebody's log went on since, or somebody wishes to leave.
 */
export async function removeEverywhere(core: Core): Promise<void> {
  for (const { chat, logs } of unjudged(core)) {
    try {
      const task = () => commit(core, chat, () => removalWish(core, chat))
      const done = await core.serial(chat, async () => {
        const first = await orRepair(core, chat, task)
        // What was found damaged here is entered anew at once: nobody writes there soon, and the leaf would stay (C12).
        if (first !== 'lost' || !(await join(core, chat, false))) return first
        return orRepair(core, chat, task)
      })
      if (done !== 'lost') core.write(() => setChat(core.db, chat, { judged: logs }))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      if (error.code === 'offline') return
    }
  }
}

/** `logs`: the sum of the members' log positions, which grows with every entry of any of them. */
function unjudged(core: Core): readonly { readonly chat: ChatId; readonly logs: number }[] {
  return core.db
    .all(
      `select c.chat, sum(a.position + 2) as logs from chat c
       join member m on m.chat = c.chat left join account a on a.account = m.account
       where c.state = 'active' group by c.chat
       having logs is not c.judged or exists (select 1 from intent i where i.chat = c.chat)
       order by c.newest_at desc`,
    )
    .map((row) => ({ chat: chatOf(row, 'chat'), logs: numberOf(row, 'logs') }))
}
