import { type AccountId, bytesOf, type ChatId, type DeviceId } from '@quintet/domain'
import type { NewEntry, StoredChat, StoredChatKind, StoredMember } from '../ports/chat-store.ts'

/** A member's row in memory, changed in place. */
export type LiveMember = { -readonly [K in keyof StoredMember]: StoredMember[K] }

/** An account of the policy: whether and how far others are told of its progress (T1, T4). */
interface LiveParty {
  readonly account: AccountId
  deliveredOn: boolean
  /** The newest content entry that others were told of. */
  deliveredSeq: number
}

/**
 * A chat as decisions see it: ahead of the disk by the writes under way, and dropped when one of them fails.
 * Nothing of it is told to anyone before the write that it came from is on disk (R1).
 */
export interface LiveChat {
  readonly chat: ChatId
  readonly bytes: Uint8Array
  readonly kind: StoredChatKind
  readonly suite: number
  epoch: number
  headSeq: number
  headAtMs: number
  headHash: Uint8Array
  policy: Uint8Array
  readonly members: Map<DeviceId, LiveMember>
  /** By leaf index; undefined = blank. */
  leaves: (LiveMember | undefined)[]
  readonly parties: Map<AccountId, LiveParty>
  readonly intents: Map<AccountId, Uint8Array>
  /** Content entries that someone's progress may still pass, in order (T2). */
  content: { readonly seq: number; readonly account: AccountId }[]
  trimmedSeq: number
  /** Of the newest epoch for which it was asked (R2). */
  rosterDigest?: { readonly epoch: bigint; readonly digest: Uint8Array }
}

export function liveChat(stored: StoredChat): LiveChat {
  const members = new Map(stored.members.map((member) => [member.device, { ...member }]))
  const content = stored.content.flatMap(({ seq, device }) => {
    const member = members.get(device)
    return member ? [{ seq, account: member.account }] : []
  })
  return {
    ...stored,
    bytes: bytesOf(stored.chat),
    members,
    leaves: leavesOf(members.values()),
    parties: new Map(stored.parties.map((party) => [party.account, { ...party }])),
    intents: new Map(stored.intents.map(({ account, intent }) => [account, intent])),
    content,
  }
}

export function leavesOf(members: Iterable<LiveMember>): (LiveMember | undefined)[] {
  const leaves: (LiveMember | undefined)[] = []
  for (const member of members) {
    if (member.leaf === undefined) continue
    while (leaves.length <= member.leaf) leaves.push(undefined)
    leaves[member.leaf] = member
  }
  return leaves
}

/** The device's row, if it has a leaf and its account has not said that it leaves (C6). */
export function rosterMember(chat: LiveChat, device: DeviceId): LiveMember | undefined {
  const member = chat.members.get(device)
  return member?.leaf === undefined || chat.intents.has(member.account) ? undefined : member
}

/** Whether the chat is this account's: it stands in the policy, and has not said that it leaves (C6). */
export function isParty(chat: LiveChat, account: AccountId): boolean {
  return chat.parties.has(account) && !chat.intents.has(account)
}

/** Moves the chat's head to an entry that was just decided. */
export function advance(chat: LiveChat, entry: NewEntry, account: AccountId): void {
  chat.headSeq = entry.seq
  chat.headAtMs = entry.atMs
  chat.headHash = entry.hash
  if (entry.content && chat.parties.size > 1) chat.content.push({ seq: entry.seq, account })
}
