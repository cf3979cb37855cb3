import type { AccountId, ChatId, DeviceId, MessageId } from '@quintet/domain'
import type { Body } from '@quintet/wire'

/** An opened entry of a chat: who says what is vouched for by the group, when and where by the relay. */
export interface Arrived {
  readonly chat: ChatId
  readonly seq: number
  /** Relay time, ms. */
  readonly at: number
  readonly epoch: number
  readonly account: AccountId
  readonly device: DeviceId
  /** What the frame said: counts for delivered (T2). */
  readonly content: boolean
  /** The sender's own clock, ms. */
  readonly sentAt: number
  readonly id: MessageId
  /** Without a kind when a later version made it (M6). */
  readonly body: Body
  readonly bodyBytes: Uint8Array
  readonly bodyKey: Uint8Array
}
