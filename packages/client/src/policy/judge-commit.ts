import { type AccountId, bytesOf, sameBytes } from '@quintet/domain'
import { type AccountState, leaveIntentHash, verifyLeaveIntent } from '@quintet/identity'
import { hexOf } from '@quintet/domain'
import { type CommitCase, type CommitInput, readCommit } from './commit-case.ts'
import { type NeedLogs, type Refusal, refused } from './judgement.ts'
import { knownLeaf, standingInLog } from './leaf.ts'
import { isAdmin, type Policy } from './policy.ts'
import { judgePolicyChange } from './policy-change.ts'

/** The commit may be merged. */
export interface AllowedCommit {
  readonly kind: 'allowed'
  readonly policy: Policy
  /** Hex of the leave intents that it carries out: keep them, none counts twice in a chat. */
  readonly spentIntents: readonly string[]
}

const hourS = 60n * 60n
/** How long a key package may live: 84 days, and an hour of margin at either end (C10). */
const lifetimeS = 84n * 24n * hourS + 2n * hourS

/**
 * Judges a whole staged commit before it is merged (C5, with C3, C4, C6, C7, C10, C11, D15).
 *
 * Pure: two devices that know the same logs say the same. What no rule lists is refused. Whoever still needs logs after
 * having fetched them is being shown devices that no log lists: that, too, is no commit to merge.
 */
export function judgeCommit(input: CommitInput): AllowedCommit | Refusal | NeedLogs {
  const whole = readCommit(input)
  if ('kind' in whole) return whole
  const leaving = carriedOut(whole)
  if (leaving === undefined) return refused('intent-invalid')
  const refusal =
    judgeCommitter(whole) ??
    (whole.commit.external ? judgeExternal(whole) : undefined) ??
    judgeAdds(whole) ??
    judgeRemoves(whole, leaving) ??
    judgePolicyChange(whole, leaving) ??
    judgeResult(whole)
  const spentIntents = whole.intents.map(({ signed }) => hexOf(leaveIntentHash(signed)))
  return refusal ?? { kind: 'allowed', policy: whole.after, spentIntents }
}

/** The accounts whose leave this commit carries out; undefined when an intent is invalid, spent, or not for this chat (C6). */
function carriedOut(whole: CommitCase): ReadonlySet<AccountId> | undefined {
  const accounts = new Set<AccountId>()
  for (const { account, signed } of whole.intents) {
    const state = whole.accounts.get(account)
    const claim = state && verifyLeaveIntent(signed, state, whole.atMs)
    const spent = whole.spentIntents?.has(hexOf(leaveIntentHash(signed))) === true
    const line = whole.before.members.has(account) && !whole.after.members.has(account)
    if (claim?.chat !== whole.chat || spent || !line || accounts.has(account)) return undefined
    accounts.add(account)
  }
  return accounts
}

/** The committer is a member by C3, and stays the same device with the same key for life (D4). */
function judgeCommitter({ committer, before, accounts, tree, commit, atMs }: CommitCase): Refusal | undefined {
  const about = { account: committer.account, device: committer.device }
  const state = accounts.get(committer.account)
  if (!before.members.has(committer.account) || !state || standingInLog(committer, state, atMs) !== 'valid') {
    return refused('committer-invalid', about)
  }
  const listed = tree.some((leaf) => leaf.device === committer.device && leaf.account === committer.account)
  if (!commit.external && !listed) return refused('committer-invalid', about)
  const path = commit.path && knownLeaf(commit.path)
  const same =
    path !== undefined &&
    path.account === committer.account &&
    path.device === committer.device &&
    path.position === committer.position &&
    sameBytes(path.signatureKey, committer.signatureKey)
  return commit.path === undefined || same ? undefined : refused('leaf-changed', about)
}

/** An external commit joins, and takes out at most the same device's old leaf; nothing else. */
function judgeExternal({ commit, committer, removes, adds, aad }: CommitCase): Refusal | undefined {
  const about = { account: committer.account, device: committer.device }
  const alone = adds.length === 0 && sameBytes(commit.policyBefore, commit.policyAfter) && aad.leaves.length === 0
  const own = removes.every((leaf) => leaf.account === committer.account && leaf.device === committer.device)
  return alone && own ? undefined : refused('external-not-alone', about)
}

/** Every added leaf by C3, its key package within its lifetime (C10). */
function judgeAdds({ adds, after, accounts, atMs }: CommitCase): Refusal | undefined {
  const now = BigInt(Math.floor(atMs / 1000))
  for (const leaf of adds) {
    const about = { account: leaf.account, device: leaf.device }
    const state = accounts.get(leaf.account)
    const valid = state && after.members.has(leaf.account) && standingInLog(leaf, state, atMs) === 'valid'
    if (!valid) return refused('add-invalid', about)
    const within = leaf.notBefore - hourS <= now && now <= leaf.notAfter + hourS
    if (!within || leaf.notAfter - leaf.notBefore > lifetimeS) return refused('add-expired', about)
  }
  return undefined
}

/** Each removed leaf has one of C5's reasons (a) to (e). */
function judgeRemoves(whole: CommitCase, leaving: ReadonlySet<AccountId>): Refusal | undefined {
  const { removes, committer, before, after, accounts } = whole
  for (const leaf of removes) {
    const state = accounts.get(leaf.account)
    const gone = state !== undefined && isGone(state, leaf)
    const sibling = leaf.account === committer.account
    const put = isAdmin(before, committer.account) && before.kind === 'group' && !after.members.has(leaf.account)
    if (gone || sibling || leaving.has(leaf.account) || put || isDormant(whole, leaf)) continue
    return refused('remove-not-allowed', { account: leaf.account, device: leaf.device })
  }
  return undefined
}

function isGone(state: AccountState, leaf: CommitCase['removes'][number]): boolean {
  return standingInLog(leaf, state) !== 'valid'
}

/**
 * C11: the relay, which takes the commit for nothing else, has not seen it for 60 days, and it is not the last leaf that
 * its account would keep. Where the two are in league, the device comes in again by itself, as after any absence.
 */
function isDormant({ aad, tree, removes }: CommitCase, leaf: CommitCase['removes'][number]): boolean {
  const device = bytesOf(leaf.device)
  if (!aad.idle.some((one) => sameBytes(one, device))) return false
  const out = new Set(removes.map(({ device }) => device))
  return tree.some((other) => other.account === leaf.account && !out.has(other.device))
}

/** The tree that results: one leaf per device, none whose account the policy does not name. */
function judgeResult({ tree, adds, removes, committer, commit, after }: CommitCase): Refusal | undefined {
  const out = new Set(removes.map(({ index }) => index))
  const joined = commit.external ? [...adds, committer] : adds
  const devices = new Set<string>()
  for (const leaf of [...tree.filter(({ index }) => !out.has(index)), ...joined]) {
    const about = { account: leaf.account, device: leaf.device }
    if (devices.has(leaf.device)) return refused('device-twice', about)
    if (!after.members.has(leaf.account)) return refused('leaf-outside-policy', about)
    devices.add(leaf.device)
  }
  return undefined
}
