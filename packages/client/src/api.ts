/** The public face of a client: what an app, the CLI or a bot can ask of one device. */
import type { AccountId, ChatId, DeviceId, DeviceKind, Handle, MessageId, Tick } from '@quintet/domain'

export interface Self {
  readonly account: AccountId
  readonly device: DeviceId
  readonly handle: Handle | undefined
  readonly name: string
}

export interface DeviceView {
  readonly device: DeviceId
  readonly name: string
  readonly kind: DeviceKind
  readonly main: boolean
  readonly self: boolean
  readonly manage: boolean
  /** ISO 8601; present while a right to manage is still to come (D6). */
  readonly probationUntil: string | undefined
  readonly lastSeen: string | undefined
}

export type ChatKindName = 'direct' | 'group' | 'self'

export interface MessageView {
  readonly chat: ChatId
  /** undefined while pending. */
  readonly seq: number | undefined
  readonly id: MessageId
  readonly at: string
  /** A handle, or the account id where no handle is known. */
  readonly from: string
  readonly device: DeviceId
  readonly text: string | undefined
  readonly tick: Tick | undefined
  readonly edited: boolean
  readonly deleted: boolean
  readonly replyTo: MessageId | undefined
  readonly reactions: Readonly<Record<string, readonly string[]>>
  /** A kind that this version does not know (M6). */
  readonly unknown: boolean
  /** Of somebody who is blocked, in a group: there, but folded away (M4). */
  readonly folded?: true
}

export interface ChatView {
  readonly chat: ChatId
  readonly kind: ChatKindName
  readonly title: string
  /** Handles of the others. */
  readonly with: readonly string[]
  readonly unread: number
  readonly request: boolean
  readonly last: MessageView | undefined
  /** Why nothing can be sent here now, as a sentence; undefined = it can. */
  readonly held: string | undefined
}

export interface StatusView {
  readonly account: AccountId
  readonly device: DeviceId
  readonly relay: string
  readonly connected: boolean
  readonly outbox: number
  readonly gaps: number
  readonly chatsPending: number
}

/** Something that was caught and has to be seen (D11, D12, R6, C12). `sentence` is for people. */
export interface Notice {
  readonly at: string
  readonly chat: ChatId | undefined
  readonly sentence: string
}

export type ClientEvent =
  | { readonly event: 'message'; readonly message: MessageView }
  | { readonly event: 'edit' | 'delete' | 'reaction'; readonly message: MessageView }
  | { readonly event: 'tick'; readonly chat: ChatId; readonly id: MessageId; readonly tick: Tick }
  | { readonly event: 'typing'; readonly chat: ChatId; readonly from: string; readonly on: boolean }
  | {
      readonly event: 'device'
      readonly change: 'added' | 'removed' | 'main' | 'rights' | 'recovery' | 'renamed'
      readonly device: DeviceId | undefined
      readonly by: DeviceId | 'recovery' | undefined
    }
  | {
      readonly event: 'chat'
      readonly chat: ChatId
      readonly change: 'new' | 'members' | 'info' | 'left' | 'held' | 'request'
    }
  | { readonly event: 'state'; readonly connected: boolean; readonly code?: string; readonly sentence?: string }

/** Where something is addressed: a handle, a chat id, or `self`. */
export type To = string

export interface LinkQuestions {
  /** Called once the offer stands: show link text (QR) and short code. */
  offer(offer: { readonly offer: string; readonly code: string; readonly expiresAt: string }): void
  /** The words both sides must see (L2), and whose account this would join. Answer true to confirm (L4). */
  confirm(words: readonly string[], handle: string): Promise<boolean>
}

export interface ApproveQuestions {
  /** Who asks, and four lists of words of which one is right (L3). Answer the index the other screen shows, or undefined to refuse. */
  pick(request: {
    readonly kind: DeviceKind
    readonly platform: string
    readonly name: string
    readonly network: string
    readonly choices: readonly (readonly string[])[]
    /** Index of the right one: only for an approval without a person (`--yes`). */
    readonly right: number
  }): Promise<number | undefined>
}

export interface Sent {
  readonly chat: ChatId
  readonly id: MessageId
  readonly seq: number
}

export interface SendOptions {
  /** How long to wait for the relay before `offline`, ms. */
  readonly waitMs?: number
  /** On `offline`, take it back instead of leaving it in the outbox. */
  readonly noQueue?: boolean
}

/**
 * One device of one account. Every method that needs the relay fails with `ClientError` `offline` after `waitMs`
 * (default 15,000). Methods that write resolve when the relay holds it durably.
 */
export interface Client {
  self(): Self | undefined
  status(): StatusView
  /** Resolves when connected and authenticated (or connected, before there is an account). */
  online(waitMs?: number): Promise<void>
  on(listener: (event: ClientEvent) => void): () => void
  close(): Promise<void>

  signUp(input: {
    readonly handle: string
    readonly name?: string
    readonly deviceName?: string
    readonly kind?: DeviceKind
    readonly invite?: string
  }): Promise<{ readonly account: AccountId; readonly device: DeviceId; readonly recovery: string }>
  link(
    input: { readonly kind: DeviceKind; readonly name: string },
    ask: LinkQuestions,
  ): Promise<{ readonly account: AccountId; readonly device: DeviceId }>
  /** `together`: both screens are before the approver, who grants `manage` at once if `manage` (D6, L3). */
  approve(
    offerOrCode: string,
    options: { readonly manage: boolean },
    ask: ApproveQuestions,
  ): Promise<{ readonly device: DeviceId; readonly kind: DeviceKind; readonly words: readonly string[] }>
  recover(input: {
    readonly handle: string
    readonly key: string
    readonly name: string
    readonly kind?: DeviceKind
  }): Promise<{ readonly account: AccountId; readonly device: DeviceId }>
  newRecovery(old: string | undefined): Promise<{ readonly recovery: string }>

  devices(): Promise<readonly DeviceView[]>
  renameDevice(device: DeviceId, name: string, options?: SendOptions): Promise<void>
  makeMain(device: DeviceId): Promise<void>
  setRights(device: DeviceId, rights: 'manage' | 'none'): Promise<void>
  /** With the kit's words in `key` the recovery key signs (D8). */
  unlink(device: DeviceId, key?: string): Promise<void>
  /** Unlinks this device if it can and wipes the profile in any case. */
  signOut(): Promise<void>
  deleteAccount(key?: string): Promise<void>
  profile(change?: {
    readonly name?: string
    readonly handle?: string
  }): Promise<{ readonly account: AccountId; readonly handle: string | undefined; readonly name: string }>

  createGroup(name: string, handles: readonly string[]): Promise<{ readonly chat: ChatId }>
  addToGroup(chat: ChatId, handles: readonly string[]): Promise<void>
  removeFromGroup(chat: ChatId, handle: string): Promise<void>
  setAdmin(chat: ChatId, handle: string, admin: boolean): Promise<void>
  leaveGroup(chat: ChatId): Promise<void>
  renameGroup(chat: ChatId, name: string): Promise<void>

  /** What was caught on this device and concerns a person, newest first. */
  notices(): readonly Notice[]
  /** From the local database, newest first. */
  chats(): readonly ChatView[]
  messages(chat: ChatId, limit: number, beforeSeq?: number): readonly MessageView[]
  /** The chat that TO means: an existing one, or undefined if it is a handle never written to. Fails with unknown-chat or unknown-handle. */
  find(to: To): Promise<ChatId | undefined>

  send(to: To, text: string, options?: SendOptions): Promise<Sent>
  reply(to: To, target: MessageId, text: string, options?: SendOptions): Promise<Sent>
  edit(to: To, target: MessageId, text: string, options?: SendOptions): Promise<void>
  deleteMessage(to: To, target: MessageId, options?: SendOptions): Promise<void>
  react(to: To, target: MessageId, emoji: string, off: boolean, options?: SendOptions): Promise<void>
  markRead(to: To, options?: SendOptions): Promise<void>
  accept(to: To, options?: SendOptions): Promise<void>
  block(to: To, off: boolean, options?: SendOptions): Promise<void>
  typing(to: To, on?: boolean): Promise<void>
  /** 12 words, the same on both sides (D13). */
  verify(to: To): Promise<{ readonly words: readonly string[] }>
  /** Sends the outbox, fetches all that waits, joins what is pending, carries out pending removals; until there is no more. */
  sync(): Promise<{ readonly received: number; readonly gaps: number }>
}
