import type { ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { isOwed } from '../device/incarnation.ts'
import { chatRecord } from './record.ts'
import { loseState } from './repair.ts'

/** Where a chat stood at one moment, by the relay's word. */
export interface Stand {
  readonly epoch: bigint
  readonly headSeq: bigint
}

/**
 * Gives up the state of a chat whose log was read up to `at` and yet is not in the epoch of there: the commits that led
 * to it are gone from the relay (R7), and what this device seals is taken by nobody. It enters anew (C8).
 */
export function noteEpochGone(core: Core, chat: ChatId, at: Stand): void {
  const record = chatRecord(core.db, chat)
  if (record !== undefined && isEpochGone(record, at)) core.write((emit) => leaveBehind(core, chat, emit))
}

/** Whether that is so. */
export function isEpochGone(record: { readonly cursor: number; readonly epoch: number }, at: Stand): boolean {
  return record.cursor >= Number(at.headSeq) && record.epoch < Number(at.epoch)
}

/** What leads this device to where the chat is now is not to be had any more. In a transaction. */
export function leaveBehind(core: Core, chat: ChatId, emit: (event: ClientEvent) => void): void {
  // R9: what a restored relay knows is compared first, and counts as lost where it differs.
  if (chatRecord(core.db, chat)?.state !== 'active' || isOwed(core.db)) return
  loseState(core, chat, 'missed-commits')
  emit({ event: 'chat', chat, change: 'held' })
}
