import { openEphemeral } from '@quintet/crypto'
import {
  type AccountId,
  bytesOf,
  type ChatId,
  parseAccountBytes,
  parseChatBytes,
  parseCredential,
  parseDeviceBytes,
} from '@quintet/domain'
import {
  EntryKind,
  type EntryPush,
  type Ephemeral,
  EphemeralSchema,
  fromBinary,
  type Push,
  type SignalPush,
} from '@quintet/wire'
import { acknowledge } from './chat/acknowledge.ts'
import { catchUp } from './chat/fetch.ts'
import { noteAdded } from './chat/heard.ts'
import { receive } from './chat/inbox.ts'
import { checkRoster } from './chat/check-roster.ts'
import { keepIntent, notePushed, toldHead } from './chat/intent.ts'
import { join } from './chat/join.ts'
import { resumeCreate } from './chat/create.ts'
import { addChat, chatRecord } from './chat/record.ts'
import { endGoneChats } from './chat/gone.ts'
import { orRepair, viewIfWhole } from './chat/repair.ts'
import { hearStanding } from './chat/standing.ts'
import { applyDelivered } from './content/progress.ts'
import { isRequest } from './content/request.ts'
import type { Core } from './core.ts'
import { refresh } from './device/directory.ts'
import { handleOf, learnMembers } from './device/handle.ts'
import { isOwed, noteIncarnation } from './device/incarnation.ts'
import { isRecovering } from './device/own.ts'
import { clientErrorOf } from './relay/failure.ts'
import { tellTrouble } from './trouble.ts'
import { isBlocked } from './selfstate/blocked.ts'
import { sendFreed } from './send-freed.ts'

/** Takes in what the relay tells while connected; answers how to stop. */
export function followPushes(core: Core): () => void {
  return core.relay.onPush((push) => {
    if (core.own() !== undefined && !isRecovering(core.db))
      void heard(core, push).catch((error: unknown) => tellTrouble(core, error))
  })
}

async function heard(core: Core, push: Push): Promise<void> {
  noteIncarnation(core)
  switch (push.kind.case) {
    case 'entry':
      // R9: whether the relay has these chats as they are known here is not known yet.
      if (isOwed(core.db)) return
      return entry(core, push.kind.value)
    case 'delivered': {
      const { chat, delivered } = push.kind.value
      const id = parseChatBytes(chat)
      const account = delivered && parseAccountBytes(delivered.account)
      if (id === undefined || account === undefined || delivered === undefined) return
      core.write((emit) => {
        for (const event of applyDelivered(core.db, core.mustOwn(), id, account, Number(delivered.seq))) emit(event)
      })
      return
    }
    case 'chatAdded':
      return added(core, parseChatBytes(push.kind.value.chat), push.kind.value.welcome)
    case 'intent': {
      const { chat, intent } = push.kind.value
      const id = parseChatBytes(chat)
      if (id !== undefined && intent !== undefined) core.write(() => keepIntent(core, id, intent, toldHead(core, id)))
      return
    }
    case 'signal':
      return signal(core, push.kind.value)
    case 'logChanged':
      return logChanged(core, parseAccountBytes(push.kind.value.account))
    case 'offerMessage':
    case 'goodbye':
    case undefined:
      return
  }
}

/** Somebody else's devices changed: learnt at once, so that an account that ended is seen to have (D15). One's own: follow-logs. */
async function logChanged(core: Core, account: AccountId | undefined): Promise<void> {
  if (account === undefined || account === core.mustOwn().account) return
  await refresh(core, [account])
  endGoneChats(core)
  await sendFreed(core)
}

async function entry(core: Core, push: EntryPush): Promise<void> {
  const chat = parseChatBytes(push.chat)
  const one = push.entry
  if (chat === undefined || one === undefined) return
  notePushed(core, chat, Number(one.seq))
  let isOut = false
  await core.serial(chat, async () => {
    const before = chatRecord(core.db, chat)
    if (before === undefined || (before.state === 'active' && before.cursor >= Number(one.seq))) return
    await orRepair(core, chat, async () => {
      if (before.state !== 'active') return
      const result = receive(core, chat, [one])
      if (result.taken === 0) isOut = await wasPutOut(catchUp(core, chat, Number(one.seq)))
      else if (one.kind === EntryKind.COMMIT) checkRoster(core, chat, push.roster, one)
    })
    // To whom entries are delivered the Welcome was given: by a commit of its own it would miss those before that.
    if (chatRecord(core.db, chat)?.state === 'joining') await join(core, chat, true)
  })
  // What this entry needed was not fetched before the commit that took this account out: no entry tells of that now.
  if (isOut) await hearStanding(core)
  void acknowledge(core)
  if (one.kind === EntryKind.COMMIT) await learnMembers(core, chat)
  await sendFreed(core)
}

/** Whether the relay has nothing of the chat for this device any more. */
async function wasPutOut(fetched: Promise<unknown>): Promise<boolean> {
  try {
    await fetched
    return false
  } catch (error) {
    if (clientErrorOf(error).code === 'unknown-chat') return true
    throw error
  }
}

async function added(core: Core, chat: ChatId | undefined, welcome: boolean): Promise<void> {
  if (chat === undefined) return
  core.write(() => addChat(core.db, chat, 'group', 'joining', Math.trunc(core.relayNow())))
  noteAdded(core, chat)
  await core.serial(chat, async () => {
    // Out and in again before it heard of the first: the commit that took this device out is not for it to fetch. What is
    // written meanwhile waits its turn, or it would look as if the relay kept back what came before.
    if (welcome && chatRecord(core.db, chat)?.state === 'active') await hearStanding(core)
    // One's own, not made to the end, gives way to what stands (C2).
    if (chatRecord(core.db, chat)?.state === 'creating') await resumeCreate(core, chat)
    await join(core, chat, welcome)
  })
  // What was written there before this device was out goes now.
  await sendFreed(core)
}

/** Typing: opened under a key of this epoch, shown, never kept (R8). */
function signal(core: Core, push: SignalPush): void {
  const chat = parseChatBytes(push.chat)
  const device = parseDeviceBytes(push.device)
  const view = chat && viewIfWhole(core, chat)
  if (chat === undefined || device === undefined || view === undefined || view.epoch !== push.epoch) return
  const leaf = view.leaves.find((one) => parseCredential(one.credential)?.device === device)
  const account = leaf && parseCredential(leaf.credential)?.account
  const own = core.mustOwn()
  if (account === undefined || account === own.account || isBlocked(core.db, account)) return
  // A stranger's request is for whoever looks at it, not for watching it being written (M4).
  if (isRequest(core.db, own, chat)) return
  const key = core.engine().exportSecret(push.chat, 'quintet/eph', bytesOf(device), 32)
  const opened = openEphemeral(key, push.chat, push.sealed)
  if (opened === undefined) return
  const said = parseEphemeral(opened)?.kind
  if (said?.case === 'typing')
    core.emit({ event: 'typing', chat, from: handleOf(core, account) ?? account, on: said.value.on })
}

/** A member who holds the key may have sealed anything. */
function parseEphemeral(bytes: Uint8Array): Ephemeral | undefined {
  try {
    return fromBinary(EphemeralSchema, bytes)
  } catch {
    return undefined
  }
}
