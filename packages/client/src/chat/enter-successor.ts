import type { ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { currentOf } from './current.ts'
import { join } from './join.ts'
import { chatRecord, policyOf } from './record.ts'
import { successorId } from './successor-id.ts'

/**
 * The chat that a conversation goes on in, entered first if the relay has told of it: whoever was away would else write
 * where the others have stopped reading (C13). To be called outside the chat's `serial`, when all was heard.
 */
export async function enterSuccessor(core: Core, chat: ChatId): Promise<ChatId> {
  const last = currentOf(core.db, chat)
  const policy = policyOf({ policy: chatRecord(core.db, last)?.policy })
  const next = policy && successorId(last, policy)
  if (next === undefined || chatRecord(core.db, next)?.state !== 'joining') return last
  await core.serial(next, () => join(core, next, true))
  // Perhaps it had to go on more than once.
  return currentOf(core.db, last) === last ? last : enterSuccessor(core, last)
}
