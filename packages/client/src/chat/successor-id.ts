import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOf, type ChatId, concatBytes, parseChatBytes } from '@quintet/domain'
import { must } from '../assert.ts'
import type { Policy } from '../policy/policy.ts'
import { directChatId } from './direct-chat-id.ts'

/** C13: the id follows from the chat before, so that there is one successor and the first create wins. */
export function successorId(chat: ChatId, policy: Policy): ChatId {
  const [one, other] = policy.members.keys()
  if (policy.kind === 'direct' && one !== undefined && other !== undefined)
    return directChatId(one, other, policy.generation + 1)
  const id = sha256(concatBytes(asciiBytes('quintet/successor/v1'), bytesOf(chat)))
  return must(parseChatBytes(id), 'a digest has 32 bytes')
}

/** Whether a chat of this policy has the id of what goes on with the one that it names. Ids that follow lead in no circle. */
export function follows(chat: ChatId, policy: Policy): boolean {
  const before = policy.predecessor?.chat
  return before !== undefined && successorId(before, { ...policy, generation: policy.generation - 1 }) === chat
}
