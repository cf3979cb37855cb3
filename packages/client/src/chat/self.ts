import { bytesOf, type ChatId, type DeviceId, parseChatBytes, parseCredential } from '@quintet/domain'
import { ChatKind } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { takeKeyPackages } from '../keypackage/take.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { commit } from './commit.ts'
import { flush } from './flush.ts'
import { inChat } from './in-chat.ts'
import { join } from './join.ts'
import { addChat, chatRecord, chatRecords, policyOf } from './record.ts'
import { carryOut } from './removals.ts'
import { selfChatOf } from './self-ops.ts'
import { sendSnapshot } from './self-repair.ts'

/** Adds a linked device to the self chat (L8) and tells it what all of them know (S5). */
export async function addToSelfChat(core: Core, device: DeviceId): Promise<void> {
  const record = chatRecords(core.db).find((one) => one.kind === 'self' && one.state !== 'succeeded')
  const policy = record && policyOf(record)
  if (record === undefined || policy === undefined) return
  const { account } = core.mustOwn()
  await inChat(core, record.chat, async () => {
    const taken = await takeKeyPackages(core, account, policy.suite, [device])
    if (taken.packages.length === 0) return
    await carryOut(core, record.chat)
    await commit(core, record.chat, (view) => {
      // It may have entered by itself meanwhile (C8).
      const there = new Set(view.leaves.map((leaf) => parseCredential(leaf.credential)?.device))
      const adds = taken.packages.filter((one) => !there.has(one.device)).map((one) => ({ account, ...one }))
      return adds.length === 0 ? undefined : { adds, removes: [] }
    })
    core.write(() => sendSnapshot(core, record.chat))
    await flush(core, record.chat)
  })
}

const welcomeMs = 5_000

/** Enters the self chat: by Welcome if one comes in time, else by an external commit; at once where nobody has `added` it. */
export async function joinSelfChat(core: Core, options: { readonly added: boolean }): Promise<void> {
  const chat = selfChatOf(core) ?? (await findSelfChat(core))
  if (chat === undefined)
    throw new ClientError('offline', 'The relay does not show the account yet. Run `sync` in a moment.')
  if (options.added) await welcomed(core, chat)
  await core.serial(chat, () => join(core, chat, true))
}

async function findSelfChat(core: Core): Promise<ChatId | undefined> {
  const { chats } = await ask(core, 'sync', {}, 'sync')
  const chat = parseChatBytes(chats.find((state) => state.kind === ChatKind.SELF)?.chat ?? new Uint8Array())
  if (chat !== undefined) core.write(() => addChat(core.db, chat, 'self', 'joining', Math.trunc(core.relayNow())))
  return chat
}

/** Until a Welcome for that chat waits, or long enough. */
async function welcomed(core: Core, chat: ChatId): Promise<void> {
  let stop = () => {}
  let cancel = () => {}
  const told = new Promise<void>((resolve) => {
    stop = core.relay.onPush((push) => {
      if (push.kind.case !== 'chatAdded' || !push.kind.value.welcome) return
      if (parseChatBytes(push.kind.value.chat) === chat) resolve()
    })
    cancel = core.clock.after(welcomeMs, resolve)
  })
  const waits = await ask(core, 'getWelcome', { chat: bytesOf(chat) }, 'welcome').then(
    () => true,
    (error: unknown) => {
      if (clientErrorOf(error).code === 'offline') throw error
      return false
    },
  )
  // A push that came before may have brought it in by itself, and the relay then has none any more.
  const isIn = await core.serial(chat, async () => chatRecord(core.db, chat)?.state === 'active')
  if (!waits && !isIn) await told
  stop()
  cancel()
}
