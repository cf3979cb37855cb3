import { concatBytes } from '@quintet/domain'

/** Reads lengths as RFC 9420 2.1.2 writes them: where an `opaque x<V>` begins and ends. */
function span(bytes: Uint8Array, at: number): { readonly from: number; readonly to: number } {
  const first = bytes[at] ?? 0
  const size = 1 << (first >> 6)
  let length = first & 0x3f
  for (let more = 1; more < size; more++) length = length * 256 + (bytes[at + more] ?? 0)
  return { from: at + size, to: at + size + length }
}

function opaque(body: Uint8Array): Uint8Array {
  const { length } = body
  if (length < 0x40) return concatBytes(Uint8Array.of(length), body)
  if (length < 0x4000) return concatBytes(Uint8Array.of(0x40 | (length >> 8), length & 255), body)
  return concatBytes(Uint8Array.of(0x80, length >> 16, (length >> 8) & 255, length & 255), body)
}

/** The parts of a member's commit (RFC 9420 6.2): what stands before the proposals, the proposals, and what follows. */
export function partsOf(commit: Uint8Array) {
  const group = span(commit, 4)
  const sender = group.to + 8
  const aad = span(commit, sender + (commit[sender] === 1 ? 5 : 1))
  const proposals = span(commit, aad.to + 1)
  return {
    sender,
    before: commit.subarray(0, aad.to + 1),
    proposals: commit.subarray(proposals.from, proposals.to),
    after: commit.subarray(proposals.to),
  }
}

/** The same commit with these bytes instead of its proposals. */
export function withProposals(commit: Uint8Array, proposals: Uint8Array): Uint8Array {
  const { before, after } = partsOf(commit)
  return concatBytes(before, opaque(proposals), after)
}

/** A proposal by reference: a hash of 32 bytes (RFC 9420 12.4). */
export function byReference(hash: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(2), opaque(hash))
}

/** The proposal that a group context has these extensions from now on (RFC 9420 12.1.7). */
export function contextOf(...extensions: readonly (readonly [type: number, data: Uint8Array])[]): Uint8Array {
  const list = extensions.map(([type, data]) => concatBytes(Uint8Array.of(type >> 8, type & 255), opaque(data)))
  return concatBytes(Uint8Array.of(1, 0, 7), opaque(concatBytes(...list)))
}

/** The same commit with another leaf as its sender. */
export function withSender(commit: Uint8Array, leaf: number): Uint8Array {
  const copy = commit.slice()
  copy[partsOf(commit).sender + 4] = leaf
  return copy
}
