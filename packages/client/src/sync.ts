import { type AccountId, type ChatId, parseChatBytes } from '@quintet/domain'
import { ChatKind, type ChatState } from '@quintet/wire'
import { acknowledge } from './chat/acknowledge.ts'
import { catchUp } from './chat/fetch.ts'
import { flush } from './chat/flush.ts'
import { noteEpochGone } from './chat/left-behind.ts'
import { join } from './chat/join.ts'
import { chatRecord, chatRecords } from './chat/record.ts'
import { hearStanding } from './chat/standing.ts'
import { orRepair, repairAgain } from './chat/repair.ts'
import { endGoneChats } from './chat/gone.ts'
import { askWhereHeld } from './chat/self-repair.ts'
import { noteDormant } from './chat/dormant.ts'
import { resumeCreate } from './chat/create.ts'
import { compareDaily } from './chat/confirm.ts'
import { letStoppedGoOn } from './chat/successor.ts'
import { removeEverywhere } from './chat/removals.ts'
import { queueSelfOps, selfChatOf } from './chat/self-ops.ts'
import { tellLeave } from './chat/tell-leave.ts'
import { isRequest } from './content/request.ts'
import { statusCounts } from './content/status.ts'
import type { Core } from './core.ts'
import { claimWhenDue } from './device/claim.ts'
import { behindNow, refresh } from './device/directory.ts'
import { learnHandles } from './device/handle.ts'
import type { DeviceHooks } from './device/hooks.ts'
import { noteIncarnation } from './device/incarnation.ts'
import { keepKitBlob } from './device/kit-blob.ts'
import { isRecovering } from './device/own.ts'
import { publishStatement } from './device/statement.ts'
import { ClientError } from './error.ts'
import { DatabaseError } from './ports.ts'
import { ask } from './relay/ask.ts'
import { clientErrorOf } from './relay/failure.ts'
import { fillStock } from './keypackage/stock.ts'
import { untoldForks } from './selfstate/fork.ts'
import { accountOf } from './store/row.ts'

/** Chats that are entered or fetched at the same time: enough to hide the way to the relay, few enough to write meanwhile. */
const atOnce = 8

/** Brings everything up to date: logs, chats newest first, joins, removals, outbox. Answers how many entries came. */
export async function sync(
  core: Core,
  hooks: DeviceHooks,
): Promise<{ readonly received: number; readonly gaps: number }> {
  // Below what no chat is to be trusted stands in what the kit keeps (C8).
  if (isRecovering(core.db))
    throw new ClientError(
      'profile-empty',
      'The recovery of this device was cut off. Recover again with the same words.',
    )
  noteIncarnation(core)
  const own = core.mustOwn()
  const chats = await hearStanding(core)
  repairAgain(core)
  await refresh(core, [own.account, ...behindInUse(core)])
  const self = selfChatOf(core)
  const newest = [...chats].sort((a, b) => Number(b.lastAtMs - a.lastAtMs))
  const unfinished = chatRecords(core.db).flatMap((record) => (record.state === 'creating' ? [record.chat] : []))
  const order = new Set([...newest.flatMap((chat) => parseChatBytes(chat.chat) ?? []), ...unfinished])
  const told = new Map(chats.map((state) => [parseChatBytes(state.chat), state]))
  // Most chats have nothing new: one question to the database for all of them.
  const idle = new Set(
    chatRecords(core.db).flatMap(({ chat, state, relayHead, cursor }) =>
      state === 'active' && relayHead <= cursor ? [chat] : [],
    ),
  )
  let received = 0
  if (self !== undefined) received += await bring(core, self, told.get(self))
  const rest = [...order].filter((chat) => chat !== self && !idle.has(chat))
  const one = async (chat: ChatId) => {
    received += await bring(core, chat, told.get(chat))
  }
  // Alone, as nobody waits for the others as long as for this one.
  await each(rest.splice(0, 1), one)
  await each(rest, one)
  await refresh(core, behindNow(core))
  endGoneChats(core, { allFetched: true })
  await passing(() => noteDormant(core))
  await letStoppedGoOn(core)
  await finishLeaving(core, chats)
  await removeEverywhere(core)
  await enterLost(core)
  compareDaily(core)
  askWhereHeld(core)
  core.write(() => queueSelfOps(core, untoldForks(core.db, own)))
  await flushAll(core)
  // What was found damaged when something was to be sent there waits no longer than the rest.
  if (await enterLost(core)) await flushAll(core)
  await tellDelivered(core, chats)
  await upkeep(core, hooks)
  await acknowledge(core)
  return { received, gaps: statusCounts(core.db).gaps }
}

/** One chat: joined if it is not yet, fetched if it goes on; `told`: where the relay says that it stands. */
async function bring(core: Core, chat: ChatId, told: ChatState | undefined): Promise<number> {
  const welcome = told?.welcome === true
  return core.serial(chat, async () => {
    try {
      if (chatRecord(core.db, chat)?.state === 'creating') await resumeCreate(core, chat)
      const record = chatRecord(core.db, chat)
      const behind = record?.state === 'active' && record.relayHead > record.cursor
      const came = behind ? await orRepair(core, chat, () => catchUp(core, chat)) : 0
      if (told !== undefined) noteEpochGone(core, chat, told)
      // What was refused before is looked at again: the relay may show another state by now.
      const state = chatRecord(core.db, chat)?.state
      if (state === 'joining' || state === 'refused' || (state === 'left' && welcome)) {
        // What was written there meanwhile does not wait for the other chats.
        if (await join(core, chat, welcome)) await orRepair(core, chat, () => flush(core, chat))
      }
      return came === 'lost' ? 0 : came
    } catch (error) {
      return passOver(error)
    }
  })
}

/** Of whom chats that are in use have to know more; of those in a chat that is still to be entered, when it is. */
function behindInUse(core: Core): readonly AccountId[] {
  const inUse = new Set(
    core.db
      .all("select distinct m.account from member m join chat c on c.chat = m.chat where c.state = 'active'")
      .map((row) => accountOf(row, 'account')),
  )
  return behindNow(core).filter((account) => inUse.has(account))
}

/** Groups that were left while the relay could not be told: it still delivers to this account (C6). */
async function finishLeaving(core: Core, chats: readonly ChatState[]): Promise<void> {
  for (const { chat, inRoster, welcome } of chats) {
    const id = parseChatBytes(chat)
    if (id === undefined || !inRoster || welcome || chatRecord(core.db, id)?.state !== 'left') continue
    await passing(() => core.serial(id, () => tellLeave(core, id)))
  }
}

/** What one chat refuses must not keep the others waiting; no connection concerns all, and so does a disk. */
function passOver(error: unknown): 0 {
  const known = clientErrorOf(error)
  if (known.code !== 'offline' && !(error instanceof DatabaseError)) return 0
  throw known
}

async function passing(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    passOver(error)
  }
}

/** Chats whose state turned out lost on the way are entered anew at once; true if there were any. */
async function enterLost(core: Core): Promise<boolean> {
  const lost = chatRecords(core.db).filter(({ state, held }) => state === 'joining' && held === 'repair')
  for (const { chat } of lost) await bring(core, chat, undefined)
  return lost.length > 0
}

async function flushAll(core: Core): Promise<void> {
  const waiting = new Set(core.db.all('select distinct chat from outbox').flatMap((row) => String(row['chat'])))
  for (const record of chatRecords(core.db)) {
    if (!waiting.has(record.chat) || record.state !== 'active') continue
    try {
      await core.serial(record.chat, () => orRepair(core, record.chat, () => flush(core, record.chat)))
    } catch (error) {
      passOver(error)
    }
  }
}

/** T2: who was accepted, here or on another device, is told what was delivered. */
async function tellDelivered(core: Core, chats: readonly ChatState[]): Promise<void> {
  for (const state of chats) {
    const chat = parseChatBytes(state.chat)
    if (chat === undefined || state.deliveredOn || state.kind !== ChatKind.DIRECT) continue
    if (chatRecord(core.db, chat)?.state !== 'active' || isRequest(core.db, core.mustOwn(), chat)) continue
    await ask(core, 'setDelivered', { chat: state.chat, on: true }, 'done')
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
