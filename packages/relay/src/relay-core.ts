import type { AccountId, ChatId, DeviceId } from '@quintet/domain'
import type { VerifyFn } from '@quintet/identity'
import type { LiveAccount } from './accounts/live-account.ts'
import type { Book } from './book.ts'
import type { LiveChat } from './chats/live-chat.ts'
import type { Progress } from './chats/progress.ts'
import type { Limits } from './limits/limits.ts'
import type { Paced } from './limits/paced.ts'
import type { OfferBook } from './offers/offer-book.ts'
import type { OwnerPolicy } from './policy.ts'
import type { RelayObserver, RelayRuntime } from './ports/runtime.ts'
import type { RelayStore } from './ports/store.ts'
import type { Backlog } from './session/backlog.ts'
import type { Hub } from './session/hub.ts'

/** What the commands work on. */
export interface RelayCore {
  readonly store: RelayStore
  readonly runtime: RelayRuntime
  readonly verify: VerifyFn
  readonly observer: RelayObserver
  readonly incarnation: Uint8Array
  /** When a backup was put in place, if ever (R9). */
  readonly restoredAtMs: number | undefined
  readonly hub: Hub
  readonly accounts: Book<AccountId, LiveAccount>
  readonly chats: Book<ChatId, LiveChat>
  readonly progress: Progress
  readonly offers: OfferBook
  readonly limits: Limits
  readonly reads: Paced
  readonly backlog: Backlog
  /** As the owner has it now. */
  policy(): OwnerPolicy
}

/** The device behind an authenticated connection. */
export interface Caller {
  readonly account: AccountId
  readonly device: DeviceId
}
