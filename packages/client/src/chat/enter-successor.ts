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
  const policy = policyOf({ policy: chatRecord(core.db, chat)?.policy })
  const next = policy && successorId(chat, policy)
  if (next !== undefined && chatRecord(core.db, next)?.state === 'joining')
    await core.serial(next, () => join(core, next, true))
  return currentOf(core.db, chat)
}
