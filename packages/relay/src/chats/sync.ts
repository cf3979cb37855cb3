import { bytesOf } from '@quintet/domain'
import {
  ChatKind,
  type ChatStateSchema,
  fromBinary,
  type MessageInitShape,
  SignedLeaveIntentSchema,
} from '@quintet/wire'
import type { AccountState } from '@quintet/identity'
import type { Answer } from '../answer.ts'
import type { ChatOverview, StoredChatKind } from '../ports/chat-store.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { stands } from './leave.ts'

const kinds: Readonly<Record<StoredChatKind, ChatKind>> = {
  self: ChatKind.SELF,
  direct: ChatKind.DIRECT,
  group: ChatKind.GROUP,
}

/** Where every chat of the account stands, for this device, and the heads of everyone in them. */
export async function sync(core: RelayCore, caller: Caller): Promise<Answer> {
  const { chats, heads } = await core.store.chats.overview(caller.account, caller.device)
  const live = await core.accounts.get(caller.account)
  return {
    case: 'sync',
    value: {
      chats: chats.flatMap((chat) => stateOf(core, caller, chat, live?.state)),
      heads: heads.map(({ account, position, hash }) => ({
        account: bytesOf(account),
        head: { position: BigInt(position), hash },
      })),
      relayTimeMs: BigInt(core.runtime.clock.now()),
    },
  }
}

/** Empty for a chat that the account is leaving, unless one of its devices has to sign that again (C6). */
function stateOf(
  core: RelayCore,
  caller: Caller,
  overview: ChatOverview,
  account: AccountState | undefined,
): MessageInitShape<typeof ChatStateSchema>[] {
  const { chat, member, parties, intents } = overview
  const own = intents.find((intent) => intent.account === caller.account)
  if (own !== undefined && (account === undefined || stands(own.intent, account))) return []
  const inRoster = member?.leaf !== undefined
  // The cursor in memory may be ahead of the one saved.
  const cursor = Math.max(member?.cursor ?? 0, core.chats.peek(chat)?.members.get(caller.device)?.cursor ?? 0)
  const delivered = parties.filter((party) => party.account !== caller.account && party.deliveredOn)
  return [
    {
      chat: bytesOf(chat),
      kind: kinds[overview.kind],
      epoch: BigInt(overview.epoch),
      headSeq: BigInt(overview.headSeq),
      lastAtMs: BigInt(overview.headAtMs),
      inRoster,
      welcome: inRoster && member.welcomeSeq !== undefined,
      joinSeq: BigInt(member?.joinSeq ?? 0),
      cursor: BigInt(inRoster ? Math.min(cursor, overview.headSeq) : 0),
      lastN: BigInt(member?.n ?? 0),
      delivered: delivered.map(({ account, deliveredSeq }) => ({
        account: bytesOf(account),
        seq: BigInt(deliveredSeq),
      })),
      intents: intents.map(({ intent }) => fromBinary(SignedLeaveIntentSchema, intent)),
      joinLogHash: member?.joinHash ?? new Uint8Array(),
      deliveredOn: parties.find((party) => party.account === caller.account)?.deliveredOn ?? false,
    },
  ]
}
