import type { ChatId, DeviceId } from '@quintet/domain'
import type { Bootstrap, Floor, Pin, SelfOp } from '@quintet/wire'
import type { SendOptions } from '../api.ts'
import type { Core } from '../core.ts'

/** What devices need of chats; the chats' side implements it, so that neither imports the other in a circle. */
export interface DeviceHooks {
  /** Makes the account's self chat: once, right after sign-up. */
  createSelfChat(core: Core): Promise<void>
  /** Enters the self chat by the Welcome of whoever `added` this device, else (after a few seconds then) by an external commit. */
  joinSelfChat(core: Core, options: { readonly added: boolean }): Promise<void>
  /** Adds a device that was just linked to the self chat (L8). */
  addToSelfChat(core: Core, device: DeviceId): Promise<void>
  /** Makes ops and keeps them to be sent, in one transaction; resolves when they stand in the self chat. */
  sendSelfOps(core: Core, make: () => readonly (SelfOp | undefined)[], options?: SendOptions): Promise<void>
  /** What a new device is told, besides who it is (L7). */
  bootstrapParts(core: Core): BootstrapParts
  /** Makes `bootstrapParts` quick, a little at a time, while persons compare words. */
  prepareBootstrap(core: Core): Promise<void>
  /** Takes it in: called inside a transaction, in which the profile has become that device. */
  importBootstrap(core: Core, bootstrap: Bootstrap): void
  /** A device of the account is off its log: removals from chats before anything else is sent there (C7). */
  removalsDue(core: Core): Promise<void>
}

export interface BootstrapParts {
  readonly selfChat: ChatId | undefined
  readonly floors: readonly Floor[]
  readonly pins: readonly Pin[]
  /** An encoded SelfSnapshot. */
  readonly settings: Uint8Array
  /** How chats and people are called. */
  readonly chats?: Bootstrap['chats']
  readonly people?: Bootstrap['people']
}
