import { parseChatBytes } from '@quintet/domain'
import { type Ack, FailureCode, type SetDelivered } from '@quintet/wire'
import { type Answer, done, malformed, refusalOf, refuse, unknownChat } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { isParty, rosterMember } from './live-chat.ts'

/** Chats of one request, each of which may have to be read first. */
const maxCursors = 1000

/** Notes how far the device has come in each chat. Chats that it is not in are passed over: it may have been taken out. */
export async function ack(core: RelayCore, caller: Caller, call: Ack): Promise<Answer> {
  if (call.cursors.length > maxCursors) return refuse(FailureCode.TOO_LARGE, 'Tell of fewer chats at once.')
  const cursors = call.cursors.flatMap(({ chat, seq }) => {
    const id = parseChatBytes(chat)
    return id === undefined ? [] : [{ id, seq }]
  })
  if (cursors.length < call.cursors.length) return malformed('The chat id')
  for (const { id, seq } of cursors) {
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
