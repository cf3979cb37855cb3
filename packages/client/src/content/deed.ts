import { type AccountId, type ChatId, type MessageId, parseMessageBytes } from '@quintet/domain'
import type { Body } from '@quintet/wire'
import type { DropCause } from './drop.ts'

/** Something done to a message, and by whom. */
export interface Action {
  readonly chat: ChatId
  readonly seq: number
  readonly at: number
  readonly account: AccountId
  /** Of a group, at the time of acting: what they may do does not change while an action waits. */
  readonly admin: boolean
  readonly target: MessageId
  readonly deed: Deed
}

export type Deed = Extract<Body['kind'], { case: 'edit' | 'delete' | 'reaction' }>

/** `nothing`: allowed, but without any effect (its target is deleted, a newer one stands). */
export type Outcome = 'done' | 'nothing' | DropCause

/** The id that a deed names; undefined when it is none. */
export function targetIdOf(deed: Deed['value']): MessageId | undefined {
  return parseMessageBytes(deed.target)
}
