import type { AccountStore } from './account-store.ts'
import type { ChatStore } from './chat-store.ts'
import type { HandleStore } from './handle-store.ts'
import type { InviteStore } from './invite-store.ts'
import type { SettingStore } from './setting-store.ts'

/**
 * What the relay keeps. A write's promise resolves when it is on disk, in the order in which writes were asked for;
 * one that is refused changed nothing. `saveSeen`, `saveCursors`, `trim` and `expire` give way, because nothing is lost with them:
 * later writes may be there first, and a power cut may undo one of them or leave it done in part. Each write is one transaction of one account, chat, handle or invite:
 * these ids are the sharding keys, and no transaction spans two.
 */
export interface RelayStore {
  readonly accounts: AccountStore
  readonly chats: ChatStore
  readonly handles: HandleStore
  readonly invites: InviteStore
  readonly settings: SettingStore
  /** Resolves when every write asked for before this is on disk or refused, those that give way apart. */
  flushed(): Promise<void>
  close(): Promise<void>
}

/** `conflict`: not the state that the write expected. `full`: no room on the disk. `unavailable`: anything else; nothing was written. */
export type StoreErrorCode = 'conflict' | 'full' | 'unavailable'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, detail: string) {
    super(`${code}: ${detail}`)
    this.code = code
  }
}
