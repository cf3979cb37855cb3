import { type AccountId, type ChatId, parseChatId, parseHandle } from '@quintet/domain'
import { ensureDirect } from './chat/create.ts'
import { currentOf } from './chat/current.ts'
import { directChatId } from './chat/direct-chat-id.ts'
import { chatRecord } from './chat/record.ts'
import { selfChatOf } from './chat/self-ops.ts'
import type { Core } from './core.ts'
import { lookup } from './device/handle.ts'
import { ClientError } from './error.ts'
import { accountOf, chatOf } from './store/row.ts'

function unknownChat(): never {
  throw new ClientError('unknown-chat', 'There is no such chat on this device. `quintet chats` lists them.')
}

/** Who is meant by a handle: from what this device knows, else by asking the relay. */
export async function accountFor(core: Core, handle: string): Promise<AccountId> {
  const parsed = parseHandle(handle)
  if (parsed === undefined)
    throw new ClientError('handle-invalid', 'This is not a handle: 2 to 32 of a-z 0-9 . _ -, beginning with a letter.')
  const known = core.db.get('select account from account where handle = ?', parsed)
  if (known !== undefined && core.relay.state !== 'online') return accountOf(known, 'account')
  try {
    return (await lookup(core, parsed)).account
  } catch (error) {
    // Somebody who is gone, or has let the handle go, is still who they were in the chats kept here; so is anybody whom
    // the relay cannot be asked about just now.
    if (known !== undefined && error instanceof ClientError && ['unknown-handle', 'offline'].includes(error.code))
      return accountOf(known, 'account')
    throw error
  }
}

/** The chat that TO means; undefined for a person never written to. */
export async function findChat(core: Core, to: string): Promise<ChatId | undefined> {
  if (to === 'self') return selfChatOf(core) ?? unknownChat()
  const chat = parseChatId(to)
  if (chat !== undefined) return currentOf(core.db, chatRecord(core.db, chat)?.chat ?? unknownChat())
  const { account } = core.mustOwn()
  const peer = await accountFor(core, to)
  if (peer === account) return selfChatOf(core)
  return directWith(core, peer) ?? chatRecord(core.db, directChatId(account, peer))?.chat
}

/** The chat with a person as it goes on now: the last of its generations (C13). */
function directWith(core: Core, peer: AccountId): ChatId | undefined {
  const row = core.db.get(
    "select chat from chat where kind = 'direct' and peer = ? and successor is null order by created_at desc limit 1",
    peer,
  )
  return row && chatOf(row, 'chat')
}

/** The same, but a direct chat is made where there is none. */
export async function chatToWrite(core: Core, to: string): Promise<ChatId> {
  const known = await findChat(core, to)
  if (known !== undefined && chatRecord(core.db, known)?.state !== 'creating') return known
  return ensureDirect(core, await accountFor(core, to))
}

/** The chat that TO means; fails where there is none yet. */
export async function mustFind(core: Core, to: string): Promise<ChatId> {
  return (await findChat(core, to)) ?? unknownChat()
}
