import { type Credential, parseCredential, sameBytes } from '@quintet/domain'
import { type AccountState, activeDevice, deviceActiveAt } from '@quintet/identity'
import type { Accounts } from './judgement.ts'
import type { Policy } from './policy.ts'

/** A leaf, its credential read. */
export interface KnownLeaf extends Credential {
  readonly index: number
  readonly signatureKey: Uint8Array
}

interface AnyLeaf {
  readonly index?: number
  readonly credential: Uint8Array
  readonly signatureKey: Uint8Array
}

/** Leaves that were read: a group's are looked at again before every message. */
const read = new WeakMap<AnyLeaf, KnownLeaf>()

/** Undefined when the credential is none of ours (C3). */
export function knownLeaf(leaf: AnyLeaf): KnownLeaf | undefined {
  const before = read.get(leaf)
  if (before !== undefined) return before
  const credential = parseCredential(leaf.credential)
  if (credential === undefined) return undefined
  const known = { ...credential, index: leaf.index ?? -1, signatureKey: leaf.signatureKey }
  read.set(leaf, known)
  return known
}

/**
 * How a leaf stands under C3. `removed`: it is that device's leaf, and the device has left its log since, so that
 * C7 takes it out; `foreign`: no policy or log ever admitted it.
 */
export type LeafStanding = 'valid' | 'removed' | 'foreign' | 'log-unknown'

export function leafStanding(leaf: KnownLeaf, policy: Policy, accounts: Accounts): LeafStanding {
  if (!policy.members.has(leaf.account)) return 'foreign'
  const state = accounts.get(leaf.account)
  return state === undefined ? 'log-unknown' : standingInLog(leaf, state)
}

/**
 * As `leafStanding`, for an account that is known, its place in the policy left aside. With `atMs`, as it stood then.
 *
 * A position beyond the known head counts as foreign: fetch first.
 */
export function standingInLog(
  leaf: KnownLeaf,
  state: AccountState,
  atMs?: number,
): Exclude<LeafStanding, 'log-unknown'> {
  const record = state.devices.get(leaf.device)
  if (record === undefined || record.addedAt !== leaf.position) return 'foreign'
  if (!sameBytes(record.mlsKey, leaf.signatureKey)) return 'foreign'
  const active = atMs === undefined ? activeDevice(state, leaf.device) : deviceActiveAt(state, leaf.device, atMs)
  return active === undefined ? 'removed' : 'valid'
}
