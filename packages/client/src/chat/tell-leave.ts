import { bytesOf, type ChatId, hexOf, parseChatBytes } from '@quintet/domain'
import { decodeLeaveIntent, leaveIntentHash, signLeaveIntent } from '@quintet/identity'
import type { ChatState } from '@quintet/wire'
import type { Core } from '../core.ts'
import { signerOf } from '../device/keyring.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { chatRecord } from './record.ts'
import { keepSpent } from './spent-intents.ts'

/** Signs and hands over the wish to leave: once more where the relay does not know of it yet. */
export async function tellLeave(core: Core, chat: ChatId): Promise<void> {
  const { account, device } = core.mustOwn()
  const nonce = core.random.bytes(16)
  const intent = await signLeaveIntent({ chat, account, device, nonce }, signerOf(core, 'log'))
  await ask(core, 'leave', { chat: bytesOf(chat), intent }, 'done')
  core.write(() => keepSpent(core.db, chat, [hexOf(leaveIntentHash(intent))]))
}

/** Whether the relay holds a wish of this account to leave that chat whose signer is none of its devices any more. */
export function isToBeSigned(core: Core, { intents }: Pick<ChatState, 'intents'>): boolean {
  const { account } = core.mustOwn()
  return intents.some((signed) => decodeLeaveIntent(signed)?.account === account)
}

/**
 * C6: what the account wished stands, though the others take it from no device that was unlinked since. Only where this
 * device knows by itself that the account left: the relay's word alone makes nobody leave.
 */
export async function signAgain(core: Core, chats: readonly ChatState[]): Promise<void> {
  for (const state of chats) {
    const chat = parseChatBytes(state.chat)
    if (chat === undefined || chatRecord(core.db, chat)?.state !== 'left' || !isToBeSigned(core, state)) continue
    try {
      await tellLeave(core, chat)
    } catch (error) {
      // Carried out meanwhile, or signed when this device hears of it the next time.
      if (clientErrorOf(error).code === 'offline') throw error
    }
  }
}
