import { parseChatBytes } from '@quintet/domain'
import type { Ack, SetDelivered } from '@quintet/wire'
import { type Answer, done, malformed, refusalOf, unknownChat } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { isParty, rosterMember } from './live-chat.ts'

/** Notes how far the device has come in each chat. Chats that it is not in are passed over: it may have been taken out. */
export async function ack(core: RelayCore, caller: Caller, call: Ack): Promise<Answer> {
  for (const { chat: bytes, seq } of call.cursors) {
    const id = parseChatBytes(bytes)
    if (id === undefined) return malformed('The chat id')
    const chat = await core.chats.get(id)
    const member = chat && rosterMember(chat, caller.device)
    if (chat && member) core.progress.acked(chat, member, Number(seq))
  }
  return done
}

/** T4: whether others learn how far this account has come. Switching it on is how a direct chat is accepted (T2). */
export async function setDelivered(core: RelayCore, caller: Caller, call: SetDelivered): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return malformed('The chat id')
  const chat = await core.chats.get(id)
  const party = chat?.parties.get(caller.account)
  if (!chat || !party || !isParty(chat, caller.account)) return unknownChat
  try {
    await core.store.chats.setDelivered(id, caller.account, call.on)
  } catch (error) {
    return refusalOf(error)
  }
  party.deliveredOn = call.on
  core.progress.consider(chat, caller.account, call.on)
  return done
}
