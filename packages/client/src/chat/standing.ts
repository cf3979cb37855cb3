import { bytesOf, type ChatId, parseAccountBytes, parseChatBytes } from '@quintet/domain'
import { ChatKind, type ChatState, type Greeting } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import { applyDelivered } from '../content/progress.ts'
import type { Core } from '../core.ts'
import { noteToldHead } from '../device/directory.ts'
import { isOwed, noteIncarnation } from '../device/incarnation.ts'
import { ask } from '../relay/ask.ts'
import { afterRestore } from './after-restore.ts'
import { isOnTheWay } from './go-on.ts'
import { hasHeard, noteHeard } from './heard.ts'
import { forgetIntents, keepIntent } from './intent.ts'
import { isEpochGone, leaveBehind } from './left-behind.ts'
import { addChat, type ChatRecord, chatRecords, setChat } from './record.ts'
import { loseState, viewIfWhole } from './repair.ts'
import { isToBeSigned, signAgain } from './tell-leave.ts'

const hearing = new WeakMap<Core, { readonly greeting: Greeting | undefined; readonly ended: Promise<unknown> }>()

/**
 * Asks where all chats stand: their heads, who wants to leave, what was delivered, and which logs have gone on.
 *
 * Afterwards nothing is sent in ignorance of a removal that the relay knew of (C7, D10). Fails as the relay does.
 */
export async function hearStanding(core: Core): Promise<readonly ChatState[]> {
  noteIncarnation(core)
  const greeting = core.relay.greeting
  // What a relay that was restored does not name was lost, and nobody taken out of it (R9).
  const owed = isOwed(core.db)
  const inside = chatRecords(core.db).filter((record) => isInside(record.state) && record.kind !== 'self')
  const state = await ask(core, 'sync', {}, 'sync')
  await signAgain(core, state.chats)
  const chats = state.chats.filter((chat) => !isToBeSigned(core, chat))
  await afterRestore(core, chats)
  const told = new Set(chats.flatMap((chat) => parseChatBytes(chat.chat) ?? []))
  core.write((emit) => {
    for (const { account, head } of state.heads) {
      const id = parseAccountBytes(account)
      if (id !== undefined && head !== undefined) noteToldHead(core, id, head)
    }
    const known = new Map(chatRecords(core.db).map((record) => [record.chat, record]))
    for (const chat of chats) {
      const id = parseChatBytes(chat.chat)
      if (id !== undefined) hear(core, id, known.get(id), chat, emit)
    }
    // The commit that took this account out is not for it to fetch: that the relay names the chat no more says as much.
    for (const { chat } of inside) {
      const record = known.get(chat)
      if (told.has(chat) || record === undefined || !isInside(record.state) || owed) continue
      setChat(core.db, chat, { state: 'removed' })
      forgetIntents(core.db, chat)
      emit({ event: 'chat', chat, change: 'left' })
    }
  })
  noteHeard(core, greeting, told)
  return chats
}

/** In, or about to come in. */
function isInside(state: string): boolean {
  return state === 'active' || state === 'joining'
}

/** The same, once per connection: from then on the relay tells of every change by itself. */
export async function heardOnce(core: Core): Promise<void> {
  if (hasHeard(core)) return
  const { greeting } = core.relay
  const before = hearing.get(core)
  if (before !== undefined && before.greeting === greeting) return void (await before.ended)
  const ended = hearStanding(core).finally(() => hearing.delete(core))
  hearing.set(core, { greeting, ended })
  await ended
}

/** What a device that is off the account's log by now signed counts no more: whatever the account left is left anew (C6). */
export async function keepLeaves(core: Core): Promise<void> {
  if (chatRecords(core.db).some(({ state }) => state === 'left')) await hearStanding(core)
}

function hasSuccessor(core: Core, chat: ChatId): boolean {
  return core.db.get('select 1 as one from chat where predecessor = ?', chat) !== undefined
}

function hear(
  core: Core,
  chat: ChatId,
  before: ChatRecord | undefined,
  state: ChatState,
  emit: (event: ClientEvent) => void,
): void {
  // Which chat is the account's own is known from the start; what else the relay calls so is none (its policy says).
  const kind = state.kind === ChatKind.DIRECT ? 'direct' : 'group'
  // A chat that came to its end before this device was there: nothing is said in it any more (C13).
  const ended = before === undefined && hasSuccessor(core, chat) && !isOnTheWay(core, chat)
  if (before === undefined) addChat(core.db, chat, kind, ended ? 'ended' : 'joining', Number(state.lastAtMs))
  // What was said there last is not for this device to read, but it is where the chat stands among the others.
  else if (before.state === 'joining' && before.cursor === 0)
    setChat(core.db, chat, { created_at: Number(state.lastAtMs), newest_at: Number(state.lastAtMs) })
  if (before?.relayHead !== Number(state.headSeq)) setChat(core.db, chat, { relay_head: Number(state.headSeq) })
  const isOut = before?.state === 'removed' || before?.state === 'left'
  // Somebody who was out is taken in again, perhaps both while this device was away.
  if (state.welcome && (isOut || (before?.state === 'active' && Number(state.joinSeq) > before.cursor))) {
    core.engine().deleteGroup(bytesOf(chat))
    forgetIntents(core.db, chat)
    for (const intent of state.intents) keepIntent(core, chat, intent, Number(state.headSeq))
    // Of what came before it was out this device may have missed something: shown as missing when it is in again.
    const missed = before?.state === 'active'
    if (before?.state !== 'left')
      setChat(core.db, chat, missed ? { state: 'joining', held: 'repair' } : { state: 'joining' })
    return
  }
  // An answer before this one left it out, but no commit has taken this device's keys: it never was out.
  const isIn = before?.state === 'removed' && state.inRoster && viewIfWhole(core, chat) !== undefined
  if (isIn) setChat(core.db, chat, { state: 'active' })
  for (const intent of state.intents) keepIntent(core, chat, intent, Number(state.headSeq))
  // R3: the relay was given more by this device than it remembers. Its database went back in time, and its keys with it.
  if (before?.state === 'active' && Number(state.lastN) > before.lastN) {
    setChat(core.db, chat, { last_n: Number(state.lastN) })
    loseState(core, chat, 'went-back')
    emit({ event: 'chat', chat, change: 'held' })
  }
  if (before?.state === 'active' && isEpochGone(before, state)) leaveBehind(core, chat, emit)
  const own = core.mustOwn()
  for (const { account, seq } of state.delivered) {
    const id = parseAccountBytes(account)
    if (id === undefined) continue
    for (const event of applyDelivered(core.db, own, chat, id, Number(seq))) emit(event)
  }
}
