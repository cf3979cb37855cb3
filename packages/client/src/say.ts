import type { ChatId, MessageId } from '@quintet/domain'
import type { SendOptions, Sent } from './api.ts'
import { chatToWrite, mustFind } from './address.ts'
import { flush } from './chat/flush.ts'
import { join } from './chat/join.ts'
import { currentOf } from './chat/current.ts'
import { enterSuccessor } from './chat/enter-successor.ts'
import { letGoOn, stoppedChats } from './chat/successor.ts'
import { enqueue, isQueued, takeBack } from './chat/outbox.ts'
import { chatRecord, setChat } from './chat/record.ts'
import { orRepair } from './chat/repair.ts'
import { heardOnce } from './chat/standing.ts'
import { queueSelfOps, selfChatOf } from './chat/self-ops.ts'
import { profileBody, replyBody, textBody } from './content/compose.ts'
import { heldSentence } from './content/held.ts'
import { optionalText } from './store/row.ts'
import { messageView } from './content/message-view.ts'
import type { Core } from './core.ts'
import { ClientError } from './error.ts'
import { clientErrorOf } from './relay/failure.ts'
import { accept } from './selfstate/accepted.ts'
import { profileName } from './selfstate/profile.ts'
import { ask } from './relay/ask.ts'
import { steady } from './steady.ts'
import { bytesOf } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'

type BodyInit = ReturnType<typeof textBody>
const defaultWaitMs = 15_000
const retryMs = 500

/** Writes a text; resolves when the relay holds it and it has its place in the chat. */
export async function sendText(
  core: Core,
  to: string,
  text: string,
  replyTo: MessageId | undefined,
  options: SendOptions,
): Promise<Sent> {
  const plain = textBody(text)
  const chat = await goingOn(core, await chatToWrite(core, to))
  mustBeWritable(core, chat)
  const me = core.mustOwn()
  const body = replyTo === undefined ? plain : replyBody(core.db, me, chat, replyTo, text)
  const peer = chatRecord(core.db, chat)?.peer
  let accepts = false
  const id = core.write(() => {
    introduce(core, chat)
    const op = peer === undefined ? undefined : accept(core.db, me, peer)
    accepts = op !== undefined
    queueSelfOps(core, [op])
    return enqueue(core, chat, body, { content: true })
  })
  await deliver(core, chat, id, options)
  // Whoever is answered is no stranger any more (M4, T2).
  if (accepts && core.relay.state === 'online')
    await ask(core, 'setDelivered', { chat: bytesOf(chat), on: true }, 'done')
  const now = currentOf(core.db, chat)
  // What went before the conversation went on in another chat stands where it was written.
  const stands = [now, chat].find((one) => messageView(core.db, me, one, id) !== undefined) ?? now
  return { chat: stands, id, seq: messageView(core.db, me, stands, id)?.seq ?? 0 }
}

/** Something about a message, or what is no row in a thread. */
export async function sayQuietly(
  core: Core,
  to: string,
  make: (chat: ChatId) => BodyInit | undefined,
  options: SendOptions = {},
): Promise<void> {
  const chat = await goingOn(core, await mustFind(core, to))
  const body = make(chat)
  if (body === undefined) return
  mustBeWritable(core, chat)
  const id = core.write(() => enqueue(core, chat, body, { content: false }))
  await deliver(core, chat, id, options)
}

/** A chat that somebody's commit stopped goes on in its successor before anything is written (C13). */
async function goingOn(core: Core, chat: ChatId): Promise<ChatId> {
  if (core.relay.state === 'online' && stoppedChats(core).includes(chat)) await letGoOn(core, chat)
  return currentOf(core.db, chat)
}

function mustBeWritable(core: Core, chat: ChatId): void {
  const record = chatRecord(core.db, chat)
  if (record === undefined || record.state === 'active' || record.state === 'joining') return
  throw heldError(core, chat)
}

/** M3: how this person wishes to be shown goes ahead of their first words, and again when it changed. In a transaction. */
function introduce(core: Core, chat: ChatId): void {
  const name = profileName(core.db) ?? ''
  const row = core.db.get('select profile_sent from chat where chat = ?', chat)
  if (name === '' || chat === selfChatOf(core) || row?.['profile_sent'] === name) return
  enqueue(core, chat, profileBody(name), { content: false })
  setChat(core.db, chat, { profile_sent: name })
}

/** Until it stands at the relay, or `offline` after the wait: then it is queued, or taken back. */
async function deliver(core: Core, chat: ChatId, id: MessageId, options: SendOptions): Promise<void> {
  const until = steady(core.clock) + (options.waitMs ?? defaultWaitMs)
  try {
    for (let attempts = 1; ; attempts++) {
      await core.relay.online(Math.max(0, until - steady(core.clock)))
      const now = await attempt(core, await goingOn(core, chat))
      if (!isQueued(core, id)) break
      const goesOn = stoppedChats(core).includes(now)
      if (steady(core.clock) >= until || (isStuck(core, now) && !goesOn)) throw heldError(core, now)
      // The next attempt may follow at once, the ones after it not: they would only repeat what did not help.
      if (attempts > 1) await new Promise<void>((resolve) => core.clock.after(retryMs, resolve))
    }
  } catch (error) {
    throw unsent(core, id, clientErrorOf(error), options)
  }
  const self = selfChatOf(core)
  if (self !== undefined && self !== chat) await core.serial(self, () => flush(core, self)).catch(quiet)
}

/** Nothing that this device could do now would move it. A lost state (`joining`) is entered anew by the next attempt. */
function isStuck(core: Core, chat: ChatId): boolean {
  const record = chatRecord(core.db, chat)
  return record?.state === 'joining' ? false : record?.held !== undefined || record?.state !== 'active'
}

/** Answers which chat it was tried in. */
async function attempt(core: Core, written: ChatId): Promise<ChatId> {
  let chat = written
  try {
    await heardOnce(core)
    chat = await enterSuccessor(core, written)
    await core.serial(chat, async () => {
      if (chatRecord(core.db, chat)?.state === 'joining') await join(core, chat, true)
      await orRepair(core, chat, () => flush(core, chat))
    })
  } catch (error) {
    if (clientErrorOf(error).code !== 'offline') throw error
  }
  return chat
}

function quiet(error: unknown): void {
  clientErrorOf(error)
}

function heldError(core: Core, chat: ChatId): ClientError {
  const record = chatRecord(core.db, chat)
  const by = core.db.get('select a.handle from chat c join account a on a.account = c.held_by where c.chat = ?', chat)
  const why = record && heldSentence(record.state, record.held, by && optionalText(by, 'handle'))
  return new ClientError(codeOf(record?.state), why ?? 'This cannot be sent yet. It goes by itself when it can.')
}

function codeOf(state: string | undefined) {
  if (state === 'gone') return 'account-closed'
  return state === 'left' || state === 'removed' ? 'not-allowed' : 'held'
}

function unsent(core: Core, id: MessageId, error: ClientError, options: SendOptions): ClientError {
  // What has been sealed keeps its number, and goes with what is sent next, whatever it was refused for now (R3).
  if (error.code !== 'offline' && error.code !== 'held' && (takeBack(core, id) || !isQueued(core, id))) return error
  const taken = options.noQueue === true && takeBack(core, id)
  if (taken) return new ClientError(error.code, `${error.message} Nothing was kept to be sent by itself.`)
  const message =
    error.code === 'offline' ? 'The relay cannot be reached. This waits here and goes out when it can.' : error.message
  return new ClientError(error.code, message, { ...error.details, queued: true })
}

/** Changes what all devices of the account keep: ops are made and queued in one transaction, then sent. */
export async function tellSelf(
  core: Core,
  make: () => readonly (SelfOp | undefined)[],
  options: SendOptions = {},
): Promise<void> {
  const self = selfChatOf(core)
  const id = core.write(() => queueSelfOps(core, make()))
  // What was decided here stands here: it is never taken back, only sent later (S3).
  const { waitMs } = options
  if (self !== undefined && id !== undefined) await deliver(core, self, id, waitMs === undefined ? {} : { waitMs })
}

/** M4, T2: the other side is told from now on what was delivered. */
export async function acceptRequest(core: Core, to: string, options: SendOptions): Promise<void> {
  const chat = await mustFind(core, to)
  const peer = chatRecord(core.db, chat)?.peer
  if (peer === undefined) throw new ClientError('not-allowed', 'Only a request of a single person can be accepted.')
  await tellSelf(core, () => [accept(core.db, core.mustOwn(), peer)], options)
  await ask(core, 'setDelivered', { chat: bytesOf(chat), on: true }, 'done')
}
