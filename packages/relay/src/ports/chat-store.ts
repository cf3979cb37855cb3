import type { AccountId, ChatId, DeviceId } from '@quintet/domain'

export type StoredChatKind = 'self' | 'direct' | 'group'

/** A device that has, or had, a leaf. One without a leaf keeps its counter: `n` goes on when it returns (R3). */
export interface StoredMember {
  readonly account: AccountId
  readonly device: DeviceId
  readonly leaf: number | undefined
  readonly joinSeq: number
  /** H(joinSeq). */
  readonly joinHash: Uint8Array
  readonly cursor: number
  readonly n: number
  readonly nSeq: number
  readonly nAtMs: number
  /** SHA-256 of its newest message, empty before the first. */
  readonly nDigest: Uint8Array
  /** The commit that came with its Welcome, while that waits. */
  readonly welcomeSeq: number | undefined
}

/** An account of the policy, and what others may know of its progress (T1, T4). */
export interface StoredParty {
  readonly account: AccountId
  readonly deliveredOn: boolean
  readonly deliveredSeq: number
}

export interface StoredIntent {
  readonly account: AccountId
  /** An encoded SignedLeaveIntent. */
  readonly intent: Uint8Array
}

export interface StoredChat {
  readonly chat: ChatId
  readonly kind: StoredChatKind
  readonly suite: number
  readonly epoch: number
  readonly headSeq: number
  readonly headAtMs: number
  /** H(headSeq). */
  readonly headHash: Uint8Array
  /** An encoded ChatPolicy. */
  readonly policy: Uint8Array
  readonly members: readonly StoredMember[]
  readonly parties: readonly StoredParty[]
  readonly intents: readonly StoredIntent[]
  /** The content entries that still wait (T2). */
  readonly content: readonly { readonly seq: number; readonly device: DeviceId }[]
  /** The newest entry of which it is known that nothing up to it waits any more but commits. */
  readonly trimmedSeq: number
}

export interface StoredEntry {
  readonly seq: number
  readonly atMs: number
  /** A commit's is the epoch that it ends. */
  readonly epoch: number
  readonly kind: 'message' | 'commit'
  readonly content: boolean
  readonly device: DeviceId
  /** 0 of a commit. */
  readonly n: number
  readonly message: Uint8Array
  /** H(seq - 1), and when that entry came: what is told of a hole that ends there (R7). */
  readonly hashBefore: Uint8Array
  readonly atBeforeMs: number
}

export interface NewEntry extends StoredEntry {
  /** SHA-256 of the message. */
  readonly digest: Uint8Array
  /** H(seq). */
  readonly hash: Uint8Array
}

export interface NewChat {
  readonly chat: ChatId
  readonly kind: StoredChatKind
  readonly suite: number
  readonly policy: Uint8Array
  readonly members: readonly StoredMember[]
  readonly parties: readonly StoredParty[]
  /** The commit 0 → 1, seq 1. */
  readonly entry: NewEntry
  readonly groupInfo: Uint8Array
  readonly welcome: Uint8Array | undefined
}

/** All that one accepted commit changes, in one transaction (R1). */
export interface CommitChange {
  readonly chat: ChatId
  /** Its seq must be the next and its epoch the chat's, else `conflict`. */
  readonly entry: NewEntry
  readonly groupInfo: Uint8Array
  readonly welcome: Uint8Array | undefined
  /** New body of the policy; undefined = as it was. */
  readonly policy: Uint8Array | undefined
  /** Members whose row is new or changed. */
  readonly members: readonly StoredMember[]
  readonly partiesAdded: readonly StoredParty[]
  /** Their policy line, leave intent and progress go. */
  readonly partiesRemoved: readonly AccountId[]
}

export interface EntryPage {
  /** True when no entry after the last one waits. */
  readonly complete: boolean
  readonly entries: readonly StoredEntry[]
  readonly headSeq: number
  readonly headAtMs: number
  readonly headHash: Uint8Array
}

export interface PageRequest {
  readonly chat: ChatId
  readonly after: number
  readonly limit: number
  /** Stops before the entry that would take it beyond, the first excepted: bytes. */
  readonly maxBytes: number
  readonly commitsOnly: boolean
}

/** What a device that joins by itself needs, all of one moment (C8). */
export interface JoinFacts {
  readonly groupInfo: Uint8Array
  readonly epoch: number
  readonly headSeq: number
  readonly headHash: Uint8Array
  /** In order of leaf. */
  readonly roster: readonly { readonly account: AccountId; readonly device: DeviceId }[]
  readonly intents: readonly StoredIntent[]
}

export interface StoredWelcome {
  readonly welcome: Uint8Array
  readonly epoch: number
  readonly seq: number
  /** H(seq). */
  readonly hash: Uint8Array
}

/** One chat of a device, for its Sync. */
export interface ChatOverview {
  readonly chat: ChatId
  readonly kind: StoredChatKind
  readonly epoch: number
  readonly headSeq: number
  readonly headAtMs: number
  /** This device's row; undefined = it never was in. */
  readonly member: StoredMember | undefined
  readonly parties: readonly StoredParty[]
  readonly intents: readonly StoredIntent[]
}

export interface SyncOverview {
  readonly chats: readonly ChatOverview[]
  /** Of the account and of everyone it shares a chat with. */
  readonly heads: readonly { readonly account: AccountId; readonly position: number; readonly hash: Uint8Array }[]
}

export interface CursorChange {
  readonly chat: ChatId
  readonly device: DeviceId
  readonly cursor: number
  /** The Welcome that waits up to this seq has been used. */
  readonly welcomed: boolean
}

export interface ProgressChange {
  readonly chat: ChatId
  readonly account: AccountId
  readonly deliveredSeq: number
}

/** The ordered log of each chat, its roster and how far each device has come. Entries are numbered from 1, without holes. */
export interface ChatStore {
  load(chat: ChatId): Promise<StoredChat | undefined>
  /** `conflict` when the chat is there already: first create wins (C2). */
  create(chat: NewChat): Promise<void>
  /** `conflict` unless its seq is the next. */
  append(chat: ChatId, entry: NewEntry): Promise<void>
  commit(change: CommitChange): Promise<void>
  page(request: PageRequest): Promise<EntryPage | undefined>
  /** Which seq and digest the n-th message of a device got, while it waits. */
  find(chat: ChatId, device: DeviceId, n: number): Promise<StoredEntry | undefined>
  joinFacts(chat: ChatId): Promise<JoinFacts | undefined>
  /** The Welcome that waits for this device. */
  welcome(chat: ChatId, device: DeviceId): Promise<StoredWelcome | undefined>
  addIntent(chat: ChatId, intent: StoredIntent): Promise<void>
  setDelivered(chat: ChatId, account: AccountId, on: boolean): Promise<void>
  /** Saves how far devices have come. Each line is of one chat alone. */
  saveCursors(cursors: readonly CursorChange[], progress: readonly ProgressChange[]): Promise<void>
  /** Forgets the messages up to `seq`; commits stay (R7). Returns how many went. */
  trim(chat: ChatId, seq: number): Promise<number>
  /**
   * Forgets at most `limit` entries, commits too, that came before `atMs`, and Welcomes with them. Returns how many went.
   * Entries from after `nowMs` have their time from a clock that has been put back: they do not hold up the others.
   */
  expire(atMs: number, limit: number, nowMs?: number): Promise<number>
  /** Forgets an account that has closed: its rows in all chats. Harmless to repeat. */
  forgetParty(account: AccountId): Promise<void>
  overview(account: AccountId, device: DeviceId): Promise<SyncOverview>
  /** Everyone who shares a chat with the account, itself excluded. */
  sharers(account: AccountId): Promise<readonly AccountId[]>
  count(): Promise<{ readonly chats: number; readonly entries: number }>
}
