import { encodeCredential } from '@quintet/domain'
import type { Leaf, StagedCommitView } from '@quintet/crypto'
import { type CommitView, type LeafNode, policyIn } from '@quintet/wire'

/** Who is in a chat and by which policy, as far as public commits tell. */
export interface PublicState {
  /** In the order of their indexes. */
  readonly leaves: readonly Leaf[]
  readonly policy: Uint8Array
}

/**
 * A commit as everyone may read it, in the shape in which it is judged (C5); undefined when it names a leaf that is blank.
 *
 * No signature is checked: that needs the keys of its epoch.
 */
export function publicCommit(view: CommitView, before: PublicState): StagedCommitView | undefined {
  const at = (index: number) => before.leaves.find((leaf) => leaf.index === index)
  const path = view.path && leafOf(view.path, -1)
  const committer = view.sender === 'new' ? path : at(view.sender)
  const removes = view.removes.map(at)
  if (committer === undefined || removes.includes(undefined)) return undefined
  const policyAfter = view.extensions === undefined ? before.policy : policyIn(view.extensions)
  if (policyAfter === undefined) return undefined
  return {
    committer,
    external: view.sender === 'new',
    aad: view.aad,
    epoch: view.epoch + 1n,
    adds: view.adds.map(({ leaf }) => ({
      ...leafOf(leaf, -1),
      notBefore: leaf.lifetime?.notBefore ?? 0n,
      notAfter: leaf.lifetime?.notAfter ?? 0n,
    })),
    removes: removes.flatMap((leaf) => leaf ?? []),
    path,
    policyBefore: before.policy,
    policyAfter,
    unlisted: [],
    removesSelf: false,
  }
}

/** What the commit leads to: adds, and an external joiner, take the leftmost blank leaf (RFC 9420 7.7, 12.3). */
export function afterCommit(commit: StagedCommitView, before: PublicState): PublicState {
  const gone = new Set(commit.removes.map(({ index }) => index))
  const leaves = new Map(before.leaves.filter(({ index }) => !gone.has(index)).map((leaf) => [leaf.index, leaf]))
  const come = [...commit.adds, ...(commit.external ? [commit.committer] : [])]
  for (const { credential, signatureKey } of come) {
    let index = 0
    while (leaves.has(index)) index += 1
    leaves.set(index, { index, credential, signatureKey })
  }
  return { leaves: [...leaves.values()].sort((a, b) => a.index - b.index), policy: commit.policyAfter }
}

function leafOf({ credential, signatureKey }: LeafNode, index: number): Leaf {
  return { index, credential: encodeCredential(credential), signatureKey }
}
