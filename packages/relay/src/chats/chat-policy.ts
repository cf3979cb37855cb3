import {
  type AccountId,
  type ChatId,
  compareBytes,
  parseAccountBytes,
  parseChatBytes,
  sameBytes,
} from '@quintet/domain'
import {
  type ChatPolicy,
  ChatPolicySchema,
  ChatKind,
  fromBinary,
  maxPolicyBytes,
  Permission,
  Role,
  Suite,
} from '@quintet/wire'
import type { StoredChatKind } from '../ports/chat-store.ts'

/** What the relay reads in a chat's policy: whose chat it is, and who may change that. */
export interface PolicyView {
  readonly kind: StoredChatKind
  /** The MLS code point. */
  readonly suite: number
  readonly creator: AccountId
  readonly generation: number
  readonly accounts: ReadonlySet<AccountId>
  readonly admins: ReadonlySet<AccountId>
  /** Whether those who are no admins take others in, and say what the chat is called. */
  readonly membersAdd: boolean
  readonly membersEdit: boolean
  /** The chat that this one goes on with (C13). */
  readonly predecessor: ChatId | undefined
}

const kinds = new Map<ChatKind, StoredChatKind>([
  [ChatKind.SELF, 'self'],
  [ChatKind.DIRECT, 'direct'],
  [ChatKind.GROUP, 'group'],
])
const suites = new Map<Suite, number>([
  [Suite.BASE, 0x0001],
  [Suite.HYBRID, 0x004f],
])

/** Undefined for what is no policy of version 1 with its members sorted, each once. */
export function parsePolicy(bytes: Uint8Array): PolicyView | undefined {
  const policy = bytes.length > maxPolicyBytes ? undefined : decode(bytes)
  if (policy === undefined || policy.version !== 1) return undefined
  const kind = kinds.get(policy.kind)
  const suite = suites.get(policy.suite)
  const creator = parseAccountBytes(policy.creator)
  if (kind === undefined || suite === undefined || creator === undefined) return undefined
  const predecessor = policy.predecessor && parseChatBytes(policy.predecessor.chat)
  if (policy.predecessor !== undefined && predecessor === undefined) return undefined
  const accounts = new Set<AccountId>()
  const admins = new Set<AccountId>()
  let before: Uint8Array | undefined
  for (const member of policy.members) {
    const account = parseAccountBytes(member.account)
    if (account === undefined || (before && compareBytes(before, member.account) >= 0)) return undefined
    accounts.add(account)
    if (member.role === Role.ADMIN) admins.add(account)
    before = member.account
  }
  const may = { membersAdd: policy.add === Permission.MEMBERS, membersEdit: policy.editInfo === Permission.MEMBERS }
  return { kind, suite, creator, generation: policy.generation, accounts, admins, predecessor, ...may }
}

function decode(bytes: Uint8Array): ChatPolicy | undefined {
  try {
    return fromBinary(ChatPolicySchema, bytes)
  } catch {
    return undefined
  }
}

/** What never changes in a chat's life. */
export function sameChat(before: PolicyView, after: PolicyView): boolean {
  return (
    before.kind === after.kind &&
    before.suite === after.suite &&
    before.creator === after.creator &&
    before.generation === after.generation
  )
}

export function samePolicy(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && sameBytes(a, b)
}
