import { bytesOf, parseChatBytes } from '@quintet/domain'
import { FailureCode, type Signal } from '@quintet/wire'
import { type Answer, done, malformed, pushFrame, rateLimited, refuse, unknownChat } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { rosterMember } from './live-chat.ts'

const maxSignalBytes = 4 * 1024

/** R8: passed on to the other connected devices of the chat, kept nowhere. */
export async function signal(core: RelayCore, caller: Caller, call: Signal): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return malformed('The chat id')
  if (call.sealed.length > maxSignalBytes) return refuse(FailureCode.TOO_LARGE, 'The signal is too large.')
  const chat = await core.chats.get(id)
  if (!chat || !rosterMember(chat, caller.device)) return unknownChat
  const wait = core.limits.take('signals', `${caller.device} ${id}`)
  if (wait !== undefined) return rateLimited(wait)
  const { epoch, sealed } = call
  const value = { chat: chat.bytes, device: bytesOf(caller.device), epoch, sealed }
  const frame = pushFrame({ case: 'signal', value })
  for (const member of chat.leaves) {
    if (member === undefined || member.device === caller.device || chat.intents.has(member.account)) continue
    core.hub.device(member.device)?.push(frame)
  }
  return done
}
