import { type AccountId, type DeviceId, parseAccountBytes, parseDeviceBytes, sameBytes } from '@quintet/domain'
import { activeDevice, type AccountState } from '@quintet/identity'
import {
  type CommitAad,
  CommitAadSchema,
  type CommitView,
  type Extension,
  fromBinary,
  type LeafNode,
  policyExtension,
  policyIn,
  type RosterEntry,
} from '@quintet/wire'
import { present } from '../assert.ts'
import type { Caller } from '../relay-core.ts'
import { parsePolicy, type PolicyView, sameChat } from './chat-policy.ts'
import type { LiveChat, LiveMember } from './live-chat.ts'

/** A device that a commit brings in, and the leaf where the tree puts it. */
export interface Joiner {
  readonly account: AccountId
  readonly device: DeviceId
  readonly leaf: number
}

/** What a commit does to the roster, once it is known to be what it says (R2). */
export interface RosterChange {
  readonly removed: readonly LiveMember[]
  readonly joined: readonly Joiner[]
  readonly external: boolean
  /** The policy of the next epoch. */
  readonly policy: PolicyView
  /** Its bytes; undefined = as it was. */
  readonly policyBytes: Uint8Array | undefined
}

/** Why a commit is refused; a sentence for the committer's log. */
export interface RosterFault {
  readonly fault: string
}

export type RosterBefore = Pick<LiveChat, 'leaves' | 'policy' | 'intents' | 'suite'>

/**
 * Reads a commit against the roster: who sent it, whom it takes out and brings in, and whether its authenticated
 * data says the same (R2). `logs` has the state of every account of whom a device is added, `idle` the devices among those
 * that it takes out for being away which really were (C11).
 *
 * Pure. It judges what the relay counts by; what a member may do to another is for the members to judge (C5).
 */
export function readRosterChange(
  before: RosterBefore,
  view: CommitView,
  caller: Caller,
  logs: ReadonlyMap<AccountId, AccountState>,
  idle: ReadonlySet<DeviceId> = new Set(),
): RosterChange | RosterFault {
  const policyBefore = present(parsePolicy(before.policy), 'a stored policy parses')
  const policyBytes = view.extensions && policyIn(view.extensions)
  if (view.extensions && policyBytes === undefined) return { fault: 'The commit takes the policy away.' }
  if (view.extensions && !changesPolicyOnly(view.extensions))
    return { fault: 'The commit changes more than the policy.' }
  const policy = policyBytes === undefined ? policyBefore : parsePolicy(policyBytes)
  if (policy === undefined || !sameChat(policyBefore, policy))
    return { fault: 'The new policy is not one of this chat.' }
  const removed = removedMembers(before, view)
  if ('fault' in removed) return removed
  const sender = checkSender(before, view, caller, policyBefore, removed)
  if (sender) return sender
  const joined = joiners(before, view, caller, removed, policy, logs)
  if ('fault' in joined) return joined
  const gone = new Set(removed)
  const left = before.leaves.filter((member) => member !== undefined && !gone.has(member))
  if (left.some((member) => member && !policy.accounts.has(member.account))) {
    return { fault: 'A device would stay whose account is not in the policy.' }
  }
  const asleep = idleFault(before, view.aad, removed, idle)
  if (asleep) return asleep
  if (!saysTheSame(view.aad, joined, removed)) return { fault: 'The delta differs from the proposals.' }
  return { removed, joined, external: view.sender === 'new', policy, policyBytes }
}

/** Beside the policy a group context names what its members must support, and nothing else: no external senders (C4). */
function changesPolicyOnly(extensions: readonly Extension[]): boolean {
  const types = extensions.map(({ type }) => type)
  return new Set(types).size === types.length && types.every((type) => contextTypes.has(type))
}

const requiredCapabilities = 3
const contextTypes: ReadonlySet<number> = new Set([policyExtension, requiredCapabilities])

function removedMembers(before: RosterBefore, view: CommitView): LiveMember[] | RosterFault {
  const removed: LiveMember[] = []
  for (const leaf of view.removes) {
    const member = before.leaves[leaf]
    if (member === undefined || removed.includes(member)) return { fault: 'A removed leaf is blank.' }
    if (leaf === view.sender) return { fault: 'A commit cannot remove its committer.' }
    removed.push(member)
  }
  return removed
}

function checkSender(
  before: RosterBefore,
  view: CommitView,
  caller: Caller,
  policy: PolicyView,
  removed: readonly LiveMember[],
): RosterFault | undefined {
  if (view.path && !isCaller(view.path, caller)) return { fault: 'The path is of another device.' }
  if (view.sender !== 'new') {
    const sender = before.leaves[view.sender]
    if (sender?.device !== caller.device) return { fault: 'The sending leaf is another device.' }
    return undefined
  }
  if (view.path === undefined) return { fault: 'An external commit has a path.' }
  if (!policy.accounts.has(caller.account) || before.intents.has(caller.account)) {
    return { fault: 'The account is not in the chat.' }
  }
  if (view.adds.length > 0 || view.extensions) return { fault: 'An external commit only joins.' }
  if (removed.some((member) => member.device !== caller.device))
    return { fault: 'An external commit removes another device.' }
  return undefined
}

function isCaller(leaf: LeafNode, caller: Caller): boolean {
  return leaf.credential.device === caller.device && leaf.credential.account === caller.account
}

/** Adds take the leftmost blank leaf, in order, after the removes (RFC 9420 7.7, 12.3); an external joiner likewise. */
function joiners(
  before: RosterBefore,
  view: CommitView,
  caller: Caller,
  removed: readonly LiveMember[],
  policy: PolicyView,
  logs: ReadonlyMap<AccountId, AccountState>,
): Joiner[] | RosterFault {
  const taken: (DeviceId | undefined)[] = before.leaves.map((member) =>
    member === undefined || removed.includes(member) ? undefined : member.device,
  )
  const added: Joiner[] = []
  const leaves = [...view.adds.map(({ leaf }) => leaf), ...(view.sender === 'new' && view.path ? [view.path] : [])]
  if (view.adds.some(({ suite }) => suite !== before.suite)) return { fault: 'A key package is of another suite.' }
  for (const leaf of leaves) {
    const { account, device } = leaf.credential
    if (!policy.accounts.has(account)) return { fault: 'An added account is not in the policy.' }
    if (!isListed(leaf, logs.get(account))) return { fault: 'An added device is not in the log of its account.' }
    if (taken.includes(device)) return { fault: 'A device would have two leaves.' }
    const blank = taken.indexOf(undefined)
    const at = blank < 0 ? taken.length : blank
    taken[at] = device
    added.push({ account, device, leaf: at })
  }
  if (view.sender === 'new' && added[0]?.device !== caller.device) return { fault: 'The joiner is another device.' }
  return added
}

/** C3 as far as the relay's copy of the log goes. */
function isListed(leaf: LeafNode, state: AccountState | undefined): boolean {
  const record = state && activeDevice(state, leaf.credential.device)
  return (
    record !== undefined && record.addedAt === leaf.credential.position && sameBytes(record.mlsKey, leaf.signatureKey)
  )
}

/** Members take the relay's word that a device was away (C11): it stands in for nothing else, and for no last device. */
function idleFault(
  before: RosterBefore,
  aad: Uint8Array,
  removed: readonly LiveMember[],
  idle: ReadonlySet<DeviceId>,
): RosterFault | undefined {
  for (const device of saidIdle(aad)) {
    const member = removed.find((one) => one.device === device)
    if (member === undefined || !idle.has(device)) return { fault: 'A device that is said to be away is not.' }
    const stays = before.leaves.some((one) => one?.account === member.account && !removed.includes(one))
    if (!stays) return { fault: 'The last device of an account stays.' }
  }
  return undefined
}

/** The devices that a commit says it takes out for being away. */
export function saidIdle(aad: Uint8Array): readonly DeviceId[] {
  return (decodeAad(aad)?.idle ?? []).flatMap((bytes) => parseDeviceBytes(bytes) ?? [])
}

/** Adds in their order; removes as a set, because engines put those in any order and none means anything else. */
function saysTheSame(aad: Uint8Array, joined: readonly Joiner[], removed: readonly LiveMember[]): boolean {
  const said = decodeAad(aad)
  if (said === undefined) return false
  return (
    saidNames(said.adds).join() === namesOf(joined).join() &&
    saidNames(said.removes).sort().join() === namesOf(removed).sort().join()
  )
}

function saidNames(entries: readonly RosterEntry[]): string[] {
  return entries.map(({ account, device }) => `${parseAccountBytes(account)} ${parseDeviceBytes(device)}`)
}

function namesOf(devices: readonly Caller[]): string[] {
  return devices.map(({ account, device }) => `${account} ${device}`)
}

function decodeAad(aad: Uint8Array): CommitAad | undefined {
  try {
    return fromBinary(CommitAadSchema, aad)
  } catch {
    return undefined
  }
}
