import {
  type AccountId,
  bytesOf,
  type ChatId,
  compareBytes,
  parseAccountBytes,
  parseChatBytes,
  sameBytes,
} from '@quintet/domain'
import {
  ChatKind,
  type ChatPolicy,
  ChatPolicySchema,
  create,
  fromBinary,
  maxPolicyBytes,
  Permission,
  Role as WireRole,
  Suite,
  toBinary,
} from '@quintet/wire'

type PolicyKind = 'self' | 'direct' | 'group'
export type Role = 'member' | 'admin'
type Allowed = 'admins' | 'members'

/** Whom a chat consists of and who may change that (C1). */
export interface Policy {
  readonly kind: PolicyKind
  readonly creator: AccountId
  readonly suite: 'base' | 'hybrid'
  readonly members: ReadonlyMap<AccountId, Role>
  /** Who adds accounts. */
  readonly add: Allowed
  /** Who sets title and picture (M2). */
  readonly editInfo: Allowed
  /** Of a direct chat (C2); 0 otherwise. */
  readonly generation: number
  readonly predecessor: { readonly chat: ChatId; readonly seq: bigint; readonly logHash: Uint8Array } | undefined
}

const kinds = { self: ChatKind.SELF, direct: ChatKind.DIRECT, group: ChatKind.GROUP } as const

/** The extension's body, members in the order of their ids' bytes. */
export function encodePolicy(policy: Policy): Uint8Array {
  const members = [...policy.members]
    .map(([account, role]) => ({
      account: bytesOf(account),
      role: role === 'admin' ? WireRole.ADMIN : WireRole.MEMBER,
    }))
    .sort((a, b) => compareBytes(a.account, b.account))
  const { predecessor } = policy
  const message = create(ChatPolicySchema, {
    version: 1,
    kind: kinds[policy.kind],
    creator: bytesOf(policy.creator),
    suite: policy.suite === 'hybrid' ? Suite.HYBRID : Suite.BASE,
    members,
    add: permissionOf(policy.add),
    editInfo: permissionOf(policy.editInfo),
    generation: policy.generation,
    ...(predecessor && { predecessor: { ...predecessor, chat: bytesOf(predecessor.chat) } }),
  })
  return toBinary(ChatPolicySchema, message)
}

/**
 * Undefined for what is not exactly one policy of version 1: unknown fields and values, members out of order or twice,
 * more than 32 KB, a self chat of others than its creator, a direct chat of more than two.
 */
export function decodePolicy(bytes: Uint8Array): Policy | undefined {
  if (bytes.length > maxPolicyBytes) return undefined
  const known = lately.find((one) => sameBytes(one.bytes, bytes))
  if (known !== undefined) return known.policy
  const policy = parsePolicy(bytes)
  if (policy === undefined) return undefined
  lately.unshift({ bytes: bytes.slice(), policy })
  lately.length = Math.min(lately.length, maxLately)
  return policy
}

/** What was read last: a chat's policy is looked at several times with every message, and may name hundreds. */
const lately: { readonly bytes: Uint8Array; readonly policy: Policy }[] = []
const maxLately = 8

function parsePolicy(bytes: Uint8Array): Policy | undefined {
  try {
    const message = fromBinary(ChatPolicySchema, bytes)
    return message.version === 1 && message.$unknown === undefined ? policyOf(message) : undefined
  } catch {
    return undefined
  }
}

function policyOf(message: ChatPolicy): Policy | undefined {
  const kind = kindOf(message.kind)
  const creator = parseAccountBytes(message.creator)
  const suite = message.suite === Suite.HYBRID ? 'hybrid' : message.suite === Suite.BASE ? 'base' : undefined
  const members = membersOf(message)
  const add = allowedOf(message.add)
  const editInfo = allowedOf(message.editInfo)
  const chat = message.predecessor && parseChatBytes(message.predecessor.chat)
  if (kind === undefined || creator === undefined || suite === undefined || members === undefined) return undefined
  if (add === undefined || editInfo === undefined || (message.predecessor && chat === undefined)) return undefined
  if (kind === 'self' && !(members.size === 1 && members.has(creator))) return undefined
  if (kind === 'direct' && members.size > 2) return undefined
  const { generation } = message
  const predecessor =
    message.predecessor && chat
      ? { chat, seq: message.predecessor.seq, logHash: message.predecessor.logHash }
      : undefined
  return { kind, creator, suite, members, add, editInfo, generation, predecessor }
}

function membersOf(message: ChatPolicy): ReadonlyMap<AccountId, Role> | undefined {
  const members = new Map<AccountId, Role>()
  let before: Uint8Array | undefined
  for (const member of message.members) {
    const account = parseAccountBytes(member.account)
    const role = member.role === WireRole.ADMIN ? 'admin' : member.role === WireRole.MEMBER ? 'member' : undefined
    if (account === undefined || role === undefined || member.$unknown !== undefined) return undefined
    if (before !== undefined && compareBytes(before, member.account) >= 0) return undefined
    before = member.account
    members.set(account, role)
  }
  return members.size > 0 ? members : undefined
}

function kindOf(kind: ChatKind): PolicyKind | undefined {
  if (kind === ChatKind.SELF) return 'self'
  if (kind === ChatKind.DIRECT) return 'direct'
  return kind === ChatKind.GROUP ? 'group' : undefined
}

const permissionOf = (allowed: Allowed) => (allowed === 'members' ? Permission.MEMBERS : Permission.ADMINS)

function allowedOf(permission: Permission): Allowed | undefined {
  if (permission === Permission.MEMBERS) return 'members'
  return permission === Permission.ADMINS || permission === Permission.UNSPECIFIED ? 'admins' : undefined
}

/** True when both name the same chat, by all that never changes in its life (C1, X4). */
export function sameFixedFields(a: Policy, b: Policy): boolean {
  const fixed = a.kind === b.kind && a.creator === b.creator && a.suite === b.suite && a.generation === b.generation
  const [left, right] = [a.predecessor, b.predecessor]
  if (left === undefined || right === undefined) return fixed && left === right
  return fixed && left.chat === right.chat && left.seq === right.seq && sameBytes(left.logHash, right.logHash)
}

/** Whether the account is an admin: in groups only do roles mean something. */
export function isAdmin(policy: Policy, account: AccountId): boolean {
  return policy.members.get(account) === 'admin'
}
