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
import { EntryKind, type EntryPush, EphemeralSchema, fromBinary, type Push, type SignalPush } from '@quintet/wire'
import { acknowledge } from './chat/acknowledge.ts'
import { catchUp } from './chat/fetch.ts'
import { receive } from './chat/inbox.ts'
import { keepIntent } from './chat/intent.ts'
import { join } from './chat/join.ts'
import { addChat, chatRecord } from './chat/record.ts'
import { flush } from './chat/flush.ts'
import { endGoneChats } from './chat/gone.ts'
import { orRepair } from './chat/repair.ts'
import { applyDelivered } from './content/progress.ts'
import type { Core } from './core.ts'
import { refresh } from './device/directory.ts'
import { handleOf, learnMembers } from './device/handle.ts'
import { clientErrorOf } from './relay/failure.ts'
import { chatOf } from './store/row.ts'

/** Takes in what the relay tells while connected; answers how to stop. */
export function followPushes(core: Core): () => void {
  return core.relay.onPush((push) => {
    if (core.own() !== undefined) void heard(core, push).catch(passOver)
  })
}

/** What fails now is fetched by the next sync; only a broken invariant is loud. */
function passOver(error: unknown): void {
  clientErrorOf(error)
}

async function heard(core: Core, push: Push): Promise<void> {
  switch (push.kind.case) {
    case 'entry':
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
      if (id !== undefined && intent !== undefined) core.write(() => keepIntent(core, id, intent))
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
}

async function entry(core: Core, push: EntryPush): Promise<void> {
  const chat = parseChatBytes(push.chat)
  const one = push.entry
  if (chat === undefined || one === undefined) return
  await core.serial(chat, async () => {
    const before = chatRecord(core.db, chat)
    if (before === undefined || before.state !== 'active' || before.cursor >= Number(one.seq)) return
    await orRepair(core, chat, async () => {
      const result = receive(core, chat, [one])
      if (result.taken === 0) await catchUp(core, chat, Number(one.seq))
    })
    if (chatRecord(core.db, chat)?.state === 'joining') await join(core, chat, false)
  })
  void acknowledge(core)
  if (one.kind === EntryKind.COMMIT) await learnMembers(core, chat)
  await sendFreed(core)
}

/** What was just heard may have freed a chat that was held, or ask for an answer in the self chat (C8). */
async function sendFreed(core: Core): Promise<void> {
  const rows = core.db.all(
    `select chat from chat where state = 'active' and held is null
     and exists (select 1 from outbox o where o.chat = chat.chat and o.n is null)`,
  )
  for (const chat of rows.map((row) => chatOf(row, 'chat'))) await core.serial(chat, () => flush(core, chat))
}

async function added(core: Core, chat: ChatId | undefined, welcome: boolean): Promise<void> {
  if (chat === undefined) return
  core.write(() => addChat(core.db, chat, 'group', 'joining', Math.trunc(core.relayNow())))
  await core.serial(chat, () => join(core, chat, welcome))
}

/** Typing: opened under a key of this epoch, shown, never kept (R8). */
function signal(core: Core, push: SignalPush): void {
  const chat = parseChatBytes(push.chat)
  const device = parseDeviceBytes(push.device)
  const view = core.engine().view(push.chat)
  if (chat === undefined || device === undefined || view === undefined || view.epoch !== push.epoch) return
  const leaf = view.leaves.find((one) => parseCredential(one.credential)?.device === device)
  const account = leaf && parseCredential(leaf.credential)?.account
  if (account === undefined || account === core.mustOwn().account) return
  const key = core.engine().exportSecret(push.chat, 'quintet/eph', bytesOf(device), 32)
  const opened = openEphemeral(key, push.chat, push.sealed)
  if (opened === undefined) return
  const { kind } = fromBinary(EphemeralSchema, opened)
  if (kind.case === 'typing')
    core.emit({ event: 'typing', chat, from: handleOf(core, account) ?? account, on: kind.value.on })
}
