import { bytesOf, parseChatBytes } from '@quintet/domain'
import { fromBinary, FailureCode, type GetGroupInfo, type GetWelcome, SignedLeaveIntentSchema } from '@quintet/wire'
import { type Answer, malformed, refuse, unknownChat } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { isParty, rosterMember } from './live-chat.ts'

/** What a device of an account of the chat needs to join, or to resync, by itself (C8). */
export async function getGroupInfo(core: RelayCore, caller: Caller, call: GetGroupInfo): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return malformed('The chat id')
  const chat = await core.chats.get(id)
  if (!chat || !isParty(chat, caller.account)) return unknownChat
  const facts = await core.store.chats.joinFacts(id)
  if (facts === undefined) return unknownChat
  return {
    case: 'groupInfo',
    value: {
      groupInfo: facts.groupInfo,
      epoch: BigInt(facts.epoch),
      headSeq: BigInt(facts.headSeq),
      logHash: facts.headHash,
      roster: facts.roster.map(({ account, device }) => ({ account: bytesOf(account), device: bytesOf(device) })),
      intents: facts.intents.map(({ intent }) => fromBinary(SignedLeaveIntentSchema, intent)),
    },
  }
}

/** The Welcome that waits for this device, until it has acknowledged the commit that came with it. */
export async function getWelcome(core: RelayCore, caller: Caller, call: GetWelcome): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return malformed('The chat id')
  const chat = await core.chats.get(id)
  if (!chat || !rosterMember(chat, caller.device)) return unknownChat
  const waiting = await core.store.chats.welcome(id, caller.device)
  if (waiting === undefined) return refuse(FailureCode.NONE, 'No Welcome waits here.')
  const { welcome, epoch, seq, hash } = waiting
  return { case: 'welcome', value: { welcome, epoch: BigInt(epoch), seq: BigInt(seq), logHash: hash } }
}
