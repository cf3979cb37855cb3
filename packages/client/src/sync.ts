import { type ChatId, parseAccountBytes, parseChatBytes } from '@quintet/domain'
import { ChatKind, type ChatState } from '@quintet/wire'
import { acknowledge } from './chat/acknowledge.ts'
import { catchUp } from './chat/fetch.ts'
import { flush } from './chat/flush.ts'
import { dropStaleScratch, keepIntent } from './chat/intent.ts'
import { join } from './chat/join.ts'
import { addChat, chatRecord, chatRecords, setChat } from './chat/record.ts'
import { removeEverywhere } from './chat/removals.ts'
import { selfChatOf } from './chat/self.ts'
import { applyDelivered } from './content/progress.ts'
import { statusCounts } from './content/status.ts'
import type { Core } from './core.ts'
import { claimWhenDue } from './device/claim.ts'
import { noteHead, refresh } from './device/directory.ts'
import { learnHandles } from './device/handle.ts'
import type { DeviceHooks } from './device/hooks.ts'
import { noteIncarnation } from './device/incarnation.ts'
import { keepKitBlob } from './device/kit-blob.ts'
import { publishStatement } from './device/statement.ts'
import { ClientError } from './error.ts'
import { fillStock } from './keypackage/stock.ts'
import { ask } from './relay/ask.ts'
import { accountOf } from './store/row.ts'

/** Chats that are joined or fetched at the same time. */
const atOnce = 20

/** Brings everything up to date: logs, chats newest first, joins, removals, outbox. Answers how many entries came. */
export async function sync(
  core: Core,
  hooks: DeviceHooks,
): Promise<{ readonly received: number; readonly gaps: number }> {
  noteIncarnation(core)
  const own = core.mustOwn()
  const state = await ask(core, 'sync', {}, 'sync')
  core.write((emit) => {
    for (const { account, head } of state.heads) {
      const id = parseAccountBytes(account)
      if (id !== undefined && head !== undefined) noteHead(core, id, head)
    }
    for (const chat of state.chats) {
      const id = parseChatBytes(chat.chat)
      if (id !== undefined) for (const event of hear(core, id, chat)) emit(event)
    }
  })
  await refresh(core, [own.account])
  const self = selfChatOf(core)
  const newest = [...state.chats].sort((a, b) => Number(b.lastAtMs - a.lastAtMs))
  const order = newest.flatMap((chat) => parseChatBytes(chat.chat) ?? [])
  const welcomes = new Set(
    state.chats.filter((chat) => chat.welcome).flatMap((chat) => parseChatBytes(chat.chat) ?? []),
  )
  let received = 0
  if (self !== undefined) received += await bring(core, self, welcomes.has(self))
  await each(
    order.filter((chat) => chat !== self),
    async (chat) => {
      received += await bring(core, chat, welcomes.has(chat))
    },
  )
  await removeEverywhere(core)
  await flushAll(core)
  await upkeep(core, hooks)
  await acknowledge(core)
  return { received, gaps: statusCounts(core.db).gaps }
}

function hear(core: Core, chat: ChatId, state: ChatState) {
  const kind = state.kind === ChatKind.SELF ? 'self' : state.kind === ChatKind.DIRECT ? 'direct' : 'group'
  addChat(core.db, chat, kind, 'joining', Number(state.lastAtMs))
  setChat(core.db, chat, { relay_head: Number(state.headSeq) })
  for (const intent of state.intents) keepIntent(core, chat, intent)
  return state.delivered.flatMap(({ account, seq }) => {
    const id = parseAccountBytes(account)
    return id === undefined ? [] : [...applyDelivered(core.db, core.mustOwn(), chat, id, Number(seq))]
  })
}

/** One chat: joined if it is not yet, fetched if it goes on. */
async function bring(core: Core, chat: ChatId, welcome: boolean): Promise<number> {
  return core.serial(chat, async () => {
    try {
      const record = chatRecord(core.db, chat)
      if (record?.state === 'joining') {
        dropStaleScratch(core, chat)
        await join(core, chat, welcome)
        return 0
      }
      return record?.state === 'active' && record.relayHead > record.cursor ? await catchUp(core, chat) : 0
    } catch (error) {
      return passOver(error)
    }
  })
}

/** What one chat refuses must not keep the others waiting; no connection concerns all. */
function passOver(error: unknown): 0 {
  if (error instanceof ClientError && error.code !== 'offline') return 0
  throw error
}

async function flushAll(core: Core): Promise<void> {
  const waiting = new Set(core.db.all('select distinct chat from outbox').flatMap((row) => String(row['chat'])))
  for (const record of chatRecords(core.db)) {
    if (!waiting.has(record.chat) || record.state !== 'active') continue
    try {
      await core.serial(record.chat, () => flush(core, record.chat))
    } catch (error) {
      passOver(error)
    }
  }
}

/** What has to be done now and then; nothing that a person waits for depends on it. */
async function upkeep(core: Core, hooks: DeviceHooks): Promise<void> {
  try {
    const nameless = core.db
      .all('select account from account where handle is null')
      .map((row) => accountOf(row, 'account'))
    if (nameless.length > 0) await learnHandles(core, nameless)
    await publishStatement(core)
    await claimWhenDue(core)
    await fillStock(core)
    await keepKitBlob(core, hooks)
  } catch (error) {
    passOver(error)
  }
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane))
}
