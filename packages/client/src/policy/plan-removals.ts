import type { AccountId, ChatId, DeviceId } from '@quintet/domain'
import { hexOf } from '@quintet/domain'
import type { Leaf } from '@quintet/crypto'
import { leaveIntentHash, verifyLeaveIntent } from '@quintet/identity'
import type { SignedLeaveIntent } from '@quintet/wire'
import type { Accounts } from './judgement.ts'
import { knownLeaf, leafStanding } from './leaf.ts'
import { isAdmin, type Policy } from './policy.ts'

export interface RemovalInput {
  readonly chat: ChatId
  readonly leaves: readonly Leaf[]
  /** Index of one's own leaf: nobody removes that by a commit of one's own. */
  readonly ownLeaf: number
  readonly policy: Policy
  readonly accounts: Accounts
  readonly intents: readonly SignedLeaveIntent[]
  readonly spentIntents?: ReadonlySet<string>
  /** Devices of one's own account, and of others, that have long been away (C11). */
  readonly dormant?: ReadonlySet<DeviceId>
}

/** What one commit has to take out before anything is sent (C6, C7, D15). */
export interface RemovalPlan {
  readonly removeLeaves: readonly Leaf[]
  /** The policy without those who left or ended; undefined = as it is. */
  readonly policy: Policy | undefined
  /** The intents that it carries out: for the commit's AAD. */
  readonly intents: readonly SignedLeaveIntent[]
  /** Devices that go for having been away: for the commit's AAD, by which the relay checks that they were. */
  readonly idle: readonly DeviceId[]
}

/** Nothing to do when `removeLeaves` is empty and `policy` undefined. Accounts whose log is unknown are left alone. */
export function planRemovals(input: RemovalInput): RemovalPlan {
  const { leaves, policy, accounts } = input
  const own = ownAccount(input)
  const ended = [...policy.members.keys()].filter(
    (account) => account !== own && accounts.get(account)?.closed === true,
  )
  const leaving = dueIntents(input, new Set(ended), own)
  const out = new Set<AccountId>([...(policy.kind === 'self' ? [] : ended), ...leaving.keys()])
  const due = leaves.filter((leaf) => {
    const known = knownLeaf(leaf)
    if (leaf.index === input.ownLeaf || known === undefined) return false
    return out.has(known.account) || leafStanding(known, policy, accounts) === 'removed'
  })
  const idle = idleLeaves(input, due)
  const members = new Map([...policy.members].filter(([account]) => !out.has(account)))
  return {
    removeLeaves: leaves.filter((leaf) => due.includes(leaf) || idle.has(leaf)),
    policy: out.size > 0 ? { ...policy, members } : undefined,
    intents: [...leaving.values()],
    idle: [...idle.values()],
  }
}

/** Leaves of devices that have long been away, one of each account's left in its place (C11). */
function idleLeaves(
  { leaves, policy, accounts, dormant, ownLeaf }: RemovalInput,
  due: readonly Leaf[],
): ReadonlyMap<Leaf, DeviceId> {
  const idle = new Map<Leaf, DeviceId>()
  if (dormant === undefined || dormant.size === 0) return idle
  const left = new Map<AccountId, number>()
  const staying = leaves.flatMap((leaf) => {
    const known = due.includes(leaf) ? undefined : knownLeaf(leaf)
    return known === undefined ? [] : [{ leaf, known }]
  })
  for (const { known } of staying) left.set(known.account, (left.get(known.account) ?? 0) + 1)
  for (const { leaf, known } of staying) {
    const others = left.get(known.account) ?? 0
    const away = leaf.index !== ownLeaf && dormant.has(known.device) && others > 1
    if (!away || leafStanding(known, policy, accounts) !== 'valid') continue
    left.set(known.account, others - 1)
    idle.set(leaf, known.device)
  }
  return idle
}

function ownAccount({ leaves, ownLeaf }: RemovalInput): AccountId | undefined {
  const leaf = leaves.find(({ index }) => index === ownLeaf)
  return leaf && knownLeaf(leaf)?.account
}

/** One valid intent for each account that may go: in groups only, and never the last admin of others (C6). */
function dueIntents(
  { policy, chat, accounts, intents, spentIntents }: RemovalInput,
  ended: ReadonlySet<AccountId>,
  own: AccountId | undefined,
): ReadonlyMap<AccountId, SignedLeaveIntent> {
  const due = new Map<AccountId, SignedLeaveIntent>()
  if (policy.kind !== 'group') return due
  let admins = [...policy.members.keys()].filter((account) => isAdmin(policy, account) && !ended.has(account)).length
  for (const signed of intents) {
    const claim = intentOf(signed, accounts)
    if (claim?.chat !== chat || claim.account === own || !policy.members.has(claim.account)) continue
    if (due.has(claim.account) || ended.has(claim.account) || spentIntents?.has(hexOf(leaveIntentHash(signed))))
      continue
    if (isAdmin(policy, claim.account)) {
      if (admins === 1) continue
      admins -= 1
    }
    due.set(claim.account, signed)
  }
  return due
}

function intentOf(signed: SignedLeaveIntent, accounts: Accounts) {
  for (const state of accounts.values()) {
    const claim = verifyLeaveIntent(signed, state)
    if (claim !== undefined) return claim
  }
  return undefined
}
