import { sha256 } from '@noble/hashes/sha2.js'
import { type AccountId, parseAccountBytes, sameBytes } from '@quintet/domain'
import type { JoinView } from '@quintet/crypto'
import type { Floor } from '@quintet/wire'
import { type Accounts, type NeedLogs, type Refusal, refused } from './judgement.ts'
import { knownLeaf, leafStanding } from './leaf.ts'
import { decodePolicy, type Policy } from './policy.ts'

export interface JoinInput {
  /** Of a staged Welcome or an inspected GroupInfo; the engine has checked its signature by `signer`. */
  readonly view: Pick<
    JoinView,
    'group' | 'epoch' | 'leaves' | 'policy' | 'treeHash' | 'confirmedTranscriptHash' | 'signer'
  >
  readonly own: AccountId
  /** What a sibling said of this chat; undefined when nobody could: a chat that is new to the whole account. */
  readonly floor: Floor | undefined
  readonly accounts: Accounts
  /** Accounts that came in by commits that this device replayed under C5 from the floor on. */
  readonly followed?: ReadonlySet<AccountId>
  /**
   * It came as a Welcome, which waits for whoever was away. A signer that left its log meanwhile was in it when the relay
   * took the commit, and goes out before anything is sent; what it wrote until then is read like anybody's.
   */
  readonly byWelcome?: boolean
}

/** The group may be joined. */
export interface JoinableGroup {
  readonly kind: 'joinable'
  readonly policy: Policy
  /**
   * `at-floor`: known to be current, send at once. `above-floor`: hold sends until confirmed, unless its commits were
   * replayed. `below-floor`, of a Welcome alone: to be left again where its log does not lead to the floor.
   */
  readonly standing: 'at-floor' | 'above-floor' | 'below-floor' | 'no-floor'
  /** Indexes of leaves whose device has left its log: to be removed before anything is sent (C7). */
  readonly pendingRemovals: readonly number[]
}

/**
 * Judges a group that a device of one's own is about to join (C8), and one by Welcome from others (no floor).
 *
 * Every leaf must be one that policy and logs admitted. A leaf whose device was unlinked since does not stop a join,
 * or one slow removal would keep newcomers out: it can read nothing of theirs, since C7 removes it before they send.
 */
export function judgeJoin(input: JoinInput): JoinableGroup | Refusal | NeedLogs {
  const { view, own, accounts, floor } = input
  const policy = decodePolicy(view.policy)
  if (policy === undefined) return refused('policy-malformed')
  if (!policy.members.has(own)) return refused('leaf-outside-policy', { account: own })
  const below = floor && judgeFloor(input, policy, floor)
  if (below !== undefined) return below
  const leaves = view.leaves.flatMap((leaf) => knownLeaf(leaf) ?? [])
  const signer = knownLeaf(view.signer)
  if (leaves.length !== view.leaves.length || signer === undefined) return refused('leaf-outside-policy')
  const outside = leaves.find((leaf) => !policy.members.has(leaf.account))
  if (outside) return refused('leaf-outside-policy', { account: outside.account, device: outside.device })
  const unknown = new Set(leaves.filter(({ account }) => !accounts.has(account)).map(({ account }) => account))
  if (unknown.size > 0) return { kind: 'need-logs', accounts: [...unknown] }
  const standings = leaves.map((leaf) => ({ leaf, standing: leafStanding(leaf, policy, accounts) }))
  const foreign = standings.find(({ standing }) => standing === 'foreign')
  if (foreign) return refused('add-invalid', { account: foreign.leaf.account, device: foreign.leaf.device })
  if (new Set(leaves.map(({ device }) => device)).size !== leaves.length) return refused('device-twice')
  const signs = leafStanding(signer, policy, accounts)
  if (!signsForItself(signer, leaves) || !(signs === 'valid' || (input.byWelcome === true && signs === 'removed'))) {
    return refused('committer-invalid', { account: signer.account, device: signer.device })
  }
  const pendingRemovals = standings.flatMap(({ leaf, standing }) => (standing === 'removed' ? [leaf.index] : []))
  return { kind: 'joinable', policy, standing: standingOf(view.epoch, floor), pendingRemovals }
}

function standingOf(epoch: bigint, floor: Floor | undefined): JoinableGroup['standing'] {
  if (floor === undefined) return 'no-floor'
  if (epoch === floor.epoch) return 'at-floor'
  return epoch < floor.epoch ? 'below-floor' : 'above-floor'
}

function signsForItself(
  signer: { index: number; device: string },
  leaves: readonly { index: number; device: string }[],
): boolean {
  return leaves.some((leaf) => leaf.index === signer.index && leaf.device === signer.device)
}

/**
 * Never below the floor; at its epoch the very same group; above it no account that nobody was seen to bring in.
 *
 * A Welcome that waited while a sibling went on is below what that one told; by it alone all since then can be read.
 */
function judgeFloor({ view, followed, byWelcome }: JoinInput, policy: Policy, floor: Floor): Refusal | undefined {
  if (!sameBytes(view.group, floor.chat)) return refused('below-floor')
  if (view.epoch < floor.epoch) return byWelcome === true ? undefined : refused('below-floor')
  if (view.epoch === floor.epoch) {
    const same =
      sameBytes(view.treeHash, floor.treeHash) &&
      sameBytes(view.confirmedTranscriptHash, floor.confirmedTranscriptHash) &&
      sameBytes(sha256(view.policy), floor.policyDigest)
    return same ? undefined : refused('floor-differs')
  }
  const known = new Set(floor.accounts.flatMap((account) => parseAccountBytes(account) ?? []))
  const stranger = [...policy.members.keys()].find((account) => !known.has(account) && followed?.has(account) !== true)
  return stranger === undefined ? undefined : refused('unknown-member', { account: stranger })
}
