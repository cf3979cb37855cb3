import { type AccountId, type ChatId, hexOf, parseAccountBytes, sameBytes } from '@quintet/domain'
import type { Leaf, StagedCommitView } from '@quintet/crypto'
import { compareHeads, decodeLeaveIntent, leaveIntentHash } from '@quintet/identity'
import { type CommitAad, CommitAadSchema, fromBinary, type Head, type SignedLeaveIntent } from '@quintet/wire'
import { type Accounts, type NeedLogs, type Refusal, refused } from './judgement.ts'
import { type KnownLeaf, knownLeaf } from './leaf.ts'
import { decodePolicy, type Policy } from './policy.ts'

/** All that a judgement of a commit may depend on (C5). */
export interface CommitInput {
  readonly chat: ChatId
  /** The leaves before the commit. */
  readonly leaves: readonly Leaf[]
  readonly commit: StagedCommitView
  readonly accounts: Accounts
  /**
   * The relay's time of the commit's entry (ms), or now for one of one's own. Lifetimes count by it (C10), and whoever
   * catches up judges by it who was a device then: a later removal does not undo what came before.
   */
  readonly atMs: number
  /** Hex of intents that earlier commits of this chat carried out: none counts twice. */
  readonly spentIntents?: ReadonlySet<string>
}

/** A commit taken apart, everything in it well-formed. */
export interface CommitCase extends CommitInput {
  readonly before: Policy
  readonly after: Policy
  readonly aad: CommitAad
  readonly committer: KnownLeaf
  readonly tree: readonly KnownLeaf[]
  readonly adds: readonly (KnownLeaf & { readonly notBefore: bigint; readonly notAfter: bigint })[]
  readonly removes: readonly KnownLeaf[]
  readonly intents: readonly { readonly account: AccountId; readonly signed: SignedLeaveIntent }[]
}

/** Reads all parts; refuses what is malformed or whose parts contradict each other. */
export function readCommit(input: CommitInput): CommitCase | Refusal | NeedLogs {
  const { commit } = input
  if (commit.unlisted.length > 0) return refused('unlisted-proposal')
  const before = decodePolicy(commit.policyBefore)
  const after = decodePolicy(commit.policyAfter)
  if (before === undefined || after === undefined) return refused('policy-malformed')
  const aad = decodeAad(commit.aad)
  if (aad === undefined) return refused('aad-malformed')
  const committer = knownLeaf(commit.committer)
  if (committer === undefined) return refused('committer-invalid')
  const tree = allKnown(input.leaves)
  const adds = allKnown(commit.adds)
  const removes = allKnown(commit.removes)
  if (tree === undefined || removes === undefined) return refused('leaf-outside-policy')
  if (adds === undefined) return refused('add-invalid')
  if (!deltaFits(aad, commit.external ? [committer] : adds, removes)) return refused('delta-differs')
  const intents = readIntents(aad)
  if (intents === undefined) return refused('intent-invalid')
  const timed = adds.map((leaf, at) => ({
    ...leaf,
    notBefore: commit.adds[at]?.notBefore ?? 0n,
    notAfter: commit.adds[at]?.notAfter ?? 0n,
  }))
  const whole = { ...input, before, after, aad, committer, tree, adds: timed, removes, intents }
  return checkHeads(whole) ?? whole
}

function decodeAad(bytes: Uint8Array): CommitAad | undefined {
  try {
    const aad = fromBinary(CommitAadSchema, bytes)
    const heads = [aad.head, ...aad.heads.map((named) => named.head)]
    const whole = aad.commitId.length === 16 && heads.every((head) => head !== undefined && head.hash.length >= 8)
    return whole && aad.heads.every((named) => named.account.length === 32) ? aad : undefined
  } catch {
    return undefined
  }
}

function allKnown(
  leaves: readonly { credential: Uint8Array; signatureKey: Uint8Array }[],
): readonly KnownLeaf[] | undefined {
  const known = leaves.flatMap((leaf) => knownLeaf(leaf) ?? [])
  return known.length === leaves.length ? known : undefined
}

/** Adds are named in order. The engine puts removes in any order, which changes nothing: they are a set. */
function deltaFits(aad: CommitAad, adds: readonly KnownLeaf[], removes: readonly KnownLeaf[]): boolean {
  const said = (entries: CommitAad['adds']) => entries.map((entry) => `${hexOf(entry.account)} ${hexOf(entry.device)}`)
  const done = (leaves: readonly KnownLeaf[]) =>
    leaves.map((leaf) => `${leaf.account.slice(2)} ${leaf.device.slice(2)}`)
  const same = (one: readonly string[], other: readonly string[]) => one.join() === other.join()
  return same(said(aad.adds), done(adds)) && same(said(aad.removes).sort(), done(removes).sort())
}

/** The intents that come with the commit; undefined when they are not those that it names, or say nothing. */
function readIntents(aad: CommitAad): CommitCase['intents'] | undefined {
  const named = aad.intents
  const fits =
    named.length === aad.leaves.length &&
    aad.leaves.every((signed, at) => sameBytes(leaveIntentHash(signed), named[at] ?? new Uint8Array()))
  if (!fits) return undefined
  const intents = aad.leaves.flatMap((signed) => {
    const claim = decodeLeaveIntent(signed)
    return claim === undefined ? [] : [{ account: claim.account, signed }]
  })
  return intents.length === aad.leaves.length ? intents : undefined
}

/** D10: a head beyond what is known is fetched first; another hash at the known one is a fork. */
function checkHeads(whole: CommitCase): Refusal | NeedLogs | undefined {
  const named: { readonly account: AccountId; readonly head: Head | undefined }[] = [
    { account: whole.committer.account, head: whole.aad.head },
  ]
  for (const { account, head } of whole.aad.heads) {
    const id = parseAccountBytes(account)
    if (id !== undefined) named.push({ account: id, head })
  }
  const accounts = new Set<AccountId>()
  for (const { account, head } of named) {
    const state = whole.accounts.get(account)
    const standing = state && head ? compareHeads(state.head, head) : 'ahead'
    if (standing === 'forked') return refused('head-forked', { account })
    if (standing === 'ahead') accounts.add(account)
  }
  for (const account of touched(whole)) if (!whole.accounts.has(account)) accounts.add(account)
  for (const leaf of [whole.committer, ...whole.adds, ...whole.removes]) {
    const state = whole.accounts.get(leaf.account)
    // A device that the known log does not reach to is not foreign yet.
    if (state === undefined || state.head.position < leaf.position) accounts.add(leaf.account)
  }
  return accounts.size > 0 ? { kind: 'need-logs', accounts: [...accounts] } : undefined
}

/** Whose logs the judgement reads: of all leaves that come and go, and of all whose policy line does. */
function touched({ adds, removes, intents, before, after }: CommitCase): ReadonlySet<AccountId> {
  const changed = [...before.members.keys(), ...after.members.keys()].filter(
    (account) => before.members.has(account) !== after.members.has(account),
  )
  return new Set([...[...adds, ...removes, ...intents].map(({ account }) => account), ...changed])
}
