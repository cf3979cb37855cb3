import type { ChatId, MessageId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Core } from '../core.ts'
import { enqueue } from './outbox.ts'
import { chatOf } from '../store/row.ts'

/** The chat of the account's own devices; undefined until this device knows of it. */
export function selfChatOf(core: Core): ChatId | undefined {
  const row = core.db.get("select chat from chat where kind = 'self' and successor is null")
  return row && chatOf(row, 'chat')
}

/** Keeps ops for the account's other devices, in the caller's transaction; they go with the next flush of the self chat. */
export function queueSelfOps(core: Core, ops: readonly (SelfOp | undefined)[]): MessageId | undefined {
  const chat = selfChatOf(core)
  const made = ops.flatMap((op) => op ?? [])
  if (chat === undefined || made.length === 0) return undefined
  return enqueue(core, chat, { kind: { case: 'selfOps', value: { ops: made } } }, { content: false })
}
