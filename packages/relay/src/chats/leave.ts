import { parseChatBytes } from '@quintet/domain'
import { type AccountState, verifyLeaveIntent } from '@quintet/identity'
import { create, fromBinary, type Leave, SignedLeaveIntentSchema, toBinary } from '@quintet/wire'
import { type Answer, done, malformed, notAllowed, pushFrame, refusalOf, unknownChat } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { tellOthers } from './deliver.ts'

/** Whether a device that the account still lists signed it: nobody takes it from another. */
export function stands(intent: Uint8Array | undefined, account: AccountState | undefined): boolean {
  if (intent === undefined || account === undefined) return false
  return verifyLeaveIntent(fromBinary(SignedLeaveIntentSchema, intent), account) !== undefined
}

/** C6: keeps the intent for the next committer, and stops delivery to the account at once. */
export async function leave(core: RelayCore, caller: Caller, call: Leave): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined || call.intent === undefined) return malformed('The intent')
  const { intent, signature } = call.intent
  const live = await core.accounts.get(caller.account)
  const claim = live && verifyLeaveIntent(call.intent, live.state)
  if (claim?.chat !== id) return notAllowed('The intent is not of this account and chat.')
  return core.chats.inOrder(id, async (chat): Promise<Answer> => {
    if (!chat?.parties.has(caller.account)) return unknownChat
    if (stands(chat.intents.get(caller.account), live?.state)) return done
    if (chat.kind !== 'group') return notAllowed('Only a group can be left.')
    const signed = { intent, signature }
    const bytes = toBinary(SignedLeaveIntentSchema, create(SignedLeaveIntentSchema, signed))
    try {
      await core.store.chats.addIntent(id, { account: caller.account, intent: bytes })
    } catch (error) {
      return refusalOf(error)
    }
    chat.intents.set(caller.account, bytes)
    const frame = pushFrame({ case: 'intent', value: { chat: chat.bytes, intent: signed } })
    tellOthers(core, chat, caller.account, frame)
    return done
  })
}
