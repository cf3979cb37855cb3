import { type AccountId, bytesOf, type ChatId, parseCredential, sameBytes } from '@quintet/domain'
import type { JoinView, Leaf } from '@quintet/crypto'
import { type CommitView, type Entry, EntryKind, MlsFormatError, readCommit } from '@quintet/wire'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import { judgeCommit } from '../policy/judge-commit.ts'
import { afterCommit, publicCommit, type PublicState } from '../policy/public-commit.ts'
import { decodePolicy } from '../policy/policy.ts'
import { ask } from '../relay/ask.ts'
import { accountsOf, chatRecord } from './record.ts'
import { isUnfit, noteOtherRepair, viewIfWhole } from './repair.ts'
import { keepSpent, spentIntents } from './spent-intents.ts'

/**
 * What the commits between this device's state and a group that it is shown say of that group.
 *
 * `fits`: they lead to it, each as the rules allow. `unknown`: not all of them are there, or one says nothing.
 */
type Followed =
  | { readonly kind: 'fits' | 'differs' | 'unknown' }
  | {
      readonly kind: 'refused'
      readonly why: string
      readonly device: string | undefined
      /** That it is really the member's who is named: its signature was verified. */
      readonly sure: boolean
    }

const pageEntries = 500
const maxPages = 200

/**
 * Judges by C5 what a device that alone could not follow would otherwise take on trust when it enters again (C12).
 *
 * Commits are public (C4): who made one, whom it takes in and out and what becomes of the policy can be read without keys.
 * The first has been verified by the engine where only its path did not fit; of the later ones the signatures cannot be
 * checked, but the group that they lead to is signed by one of its members. A chain that somebody made up has to end there.
 */
export async function followCommits(
  core: Core,
  chat: ChatId,
  shown: Pick<JoinView, 'epoch' | 'leaves' | 'policy'>,
): Promise<Followed> {
  const view = viewIfWhole(core, chat)
  if (view === undefined || view.epoch > shown.epoch) return { kind: 'unknown' }
  const spent = new Set(spentIntents(core.db, chat))
  let state: PublicState = view
  let { epoch } = view
  let after = chatRecord(core.db, chat)?.cursor ?? 0
  for (let pages = 0; epoch < shown.epoch; pages++) {
    const before = after
    const page = await ask(core, 'fetch', { chat: bytesOf(chat), after: BigInt(after), limit: pageEntries }, 'fetched')
    for (const entry of page.entries) {
      after = Number(entry.seq)
      if (entry.kind !== EntryKind.COMMIT || entry.epoch !== epoch || epoch === shown.epoch) continue
      const step = await follow(core, chat, { state, entry, spent, first: view.leaves })
      if (!('state' in step)) return step
      state = step.state
      epoch += 1n
    }
    // A relay that answers in circles, or without end, leaves it unknown.
    if (after <= before || pages === maxPages) return { kind: 'unknown' }
  }
  if (!sameBytes(state.policy, shown.policy) || !sameLeaves(state.leaves, shown.leaves)) return { kind: 'differs' }
  core.write(() => keepSpent(core.db, chat, [...spent]))
  return { kind: 'fits' }
}

async function follow(
  core: Core,
  chat: ChatId,
  at: {
    readonly state: PublicState
    readonly entry: Entry
    readonly spent: Set<string>
    readonly first: PublicState['leaves']
  },
): Promise<Followed | { readonly state: PublicState }> {
  const { state, entry, spent } = at
  const read = readOrNothing(entry.message)
  const commit = read && publicCommit(read, state)
  if (commit === undefined) return { kind: 'unknown' }
  const accounts = new Set<AccountId>([...membersOf(state.policy), ...membersOf(commit.policyAfter)])
  for (const { credential } of [commit.committer, ...commit.adds]) {
    const account = parseCredential(credential)?.account
    if (account !== undefined) accounts.add(account)
  }
  const judge = () =>
    judgeCommit({
      chat,
      leaves: state.leaves,
      commit,
      accounts: accountsOf(core, accounts),
      atMs: Number(entry.atMs),
      spentIntents: spent,
    })
  let verdict = judge()
  if (verdict.kind !== 'allowed') {
    await refresh(core, [...accounts])
    verdict = judge()
  }
  const committer = parseCredential(commit.committer.credential)
  if (verdict.kind !== 'allowed') {
    const why = verdict.kind === 'refused' ? verdict.refusal : verdict.kind
    const sure = state.leaves === at.first && isUnfit(core, chat, entry.message)
    return { kind: 'refused', why, device: committer?.device, sure }
  }
  for (const intent of verdict.spentIntents) spent.add(intent)
  if (commit.external && commit.removes.length > 0) core.write(() => noteOtherRepair(core, chat, committer?.account))
  return { state: afterCommit(commit, state) }
}

function membersOf(policy: Uint8Array): Iterable<AccountId> {
  return decodePolicy(policy)?.members.keys() ?? []
}

function readOrNothing(bytes: Uint8Array): CommitView | undefined {
  try {
    return readCommit(bytes)
  } catch (error) {
    if (error instanceof MlsFormatError) return undefined
    throw error
  }
}

function sameLeaves(some: readonly Leaf[], others: readonly Leaf[]): boolean {
  const byIndex = new Map(others.map((leaf) => [leaf.index, leaf]))
  return (
    some.length === others.length &&
    some.every((leaf) => {
      const other = byIndex.get(leaf.index)
      const same = other !== undefined && sameBytes(leaf.credential, other.credential)
      return same && sameBytes(leaf.signatureKey, other.signatureKey)
    })
  )
}
