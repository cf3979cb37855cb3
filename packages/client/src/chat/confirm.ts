import type { GroupView } from '@quintet/crypto'
import { bytesOf, type ChatId, type DeviceId, parseChatBytes, parseDeviceId, sameBytes } from '@quintet/domain'
import { activeDevice } from '@quintet/identity'
import type { EpochConfirm } from '@quintet/wire'
import type { Core } from '../core.ts'
import { stateOf } from '../device/directory.ts'
import { recordFault } from '../store/fault.ts'
import { setMeta, metaNumber } from '../store/meta.ts'
import { blobOf, optionalText } from '../store/row.ts'
import { chatRecord, chatRecords, setChat } from './record.ts'
import { enqueue } from './outbox.ts'
import { selfChatOf } from './self-ops.ts'

/** How many epochs back a sibling may ask about. */
const keptEpochs = 64
const dayMs = 24 * 60 * 60 * 1000

/** Remembers the epoch that a chat has come to, and answers a sibling that was there first. In a transaction. */
export function noteEpoch(core: Core, chat: ChatId, view: Pick<GroupView, 'epoch' | 'epochAuthenticator'>): void {
  const epoch = Number(view.epoch)
  core.db.run(
    'insert or replace into epoch (chat, epoch, authenticator) values (?, ?, ?)',
    chat,
    epoch,
    view.epochAuthenticator,
  )
  core.db.run('delete from epoch where chat = ? and epoch <= ?', chat, epoch - keptEpochs)
  const asked = core.db.get('select authenticator, device from asked where chat = ? and epoch = ?', chat, epoch)
  core.db.run('delete from asked where chat = ? and epoch <= ?', chat, epoch)
  if (asked === undefined) return
  const by = parseDeviceId(optionalText(asked, 'device') ?? '')
  compare(core, chat, { epoch, authenticator: blobOf(asked, 'authenticator'), by }, true)
}

/** A sibling says which epoch of a chat it is in, or asks whether this device was in the same (C8, R6). In a transaction. */
export function heardConfirm(core: Core, device: DeviceId, confirm: EpochConfirm): void {
  const chat = parseChatBytes(confirm.chat)
  const record = chat === undefined ? undefined : chatRecord(core.db, chat)
  if (chat === undefined || record === undefined || device === core.mustOwn().device) return
  const epoch = Number(confirm.epoch)
  if (epoch > record.epoch && record.state === 'active') {
    // This device is on its way there.
    if (confirm.request)
      core.db.run(
        'insert or replace into asked (chat, epoch, authenticator, device) values (?, ?, ?, ?)',
        chat,
        epoch,
        confirm.authenticator,
        device,
      )
    return
  }
  compare(core, chat, { epoch, authenticator: confirm.authenticator, by: device }, confirm.request)
}

interface Theirs {
  readonly epoch: number
  readonly authenticator: Uint8Array
  readonly by: DeviceId | undefined
}

function compare(core: Core, chat: ChatId, { epoch, authenticator, by }: Theirs, asks: boolean): void {
  const row = core.db.get('select authenticator from epoch where chat = ? and epoch = ?', chat, epoch)
  const held = chatRecord(core.db, chat)?.held
  if (row === undefined) return
  if (!sameBytes(blobOf(row, 'authenticator'), authenticator)) {
    recordFault(core.db, 'epoch-differs', chat, Math.trunc(core.relayNow()))
    setChat(core.db, chat, { held: 'fork', held_by: by ?? null })
    return
  }
  const waits = held === 'unconfirmed' || held === 'newcomers'
  if (waits) setChat(core.db, chat, { held: null })
  else if (asks && held === undefined) say(core, chat, epoch, authenticator, false)
}

/** What a sibling said of an epoch holds a chat until that sibling is none any more: a thief's device is no witness. */
export function freeOfRemoved(core: Core, chat: ChatId): void {
  const row = core.db.get('select held_by from chat where chat = ?', chat)
  const by = parseDeviceId((row && optionalText(row, 'held_by')) ?? '')
  const log = stateOf(core, core.mustOwn().account)
  if (by === undefined || log === undefined || activeDevice(log, by) !== undefined) return
  core.write((emit) => {
    setChat(core.db, chat, { held: null, held_by: null })
    emit({ event: 'chat', chat, change: 'held' })
  })
}

/** Asks the account's other devices, by the self chat, whether they are in the same epoch (C8). In a transaction. */
export function askEpoch(core: Core, chat: ChatId): void {
  const view = core.engine().view(bytesOf(chat))
  if (view !== undefined) say(core, chat, Number(view.epoch), view.epochAuthenticator, true)
}

function say(core: Core, chat: ChatId, epoch: number, authenticator: Uint8Array, request: boolean): void {
  const self = selfChatOf(core)
  if (self === undefined || self === chat) return
  const value = { chat: bytesOf(chat), epoch: BigInt(epoch), authenticator, request }
  enqueue(core, self, { kind: { case: 'epochConfirm', value } }, { content: false })
}

/** R6: once a day the account's devices compare where they stand in the chats that went on. */
export function compareDaily(core: Core): void {
  const now = Math.trunc(core.relayNow())
  const last = metaNumber(core.db, 'compared')
  if (last !== undefined && now - last < dayMs) return
  core.write(() => {
    setMeta(core.db, 'compared', now)
    for (const { chat, state, kind, epoch, held } of chatRecords(core.db)) {
      if (state !== 'active' || kind === 'self' || held !== undefined) continue
      const key = `compared/${chat}`
      const row = core.db.get('select authenticator from epoch where chat = ? and epoch = ?', chat, epoch)
      if (row === undefined || metaNumber(core.db, key) === epoch) continue
      setMeta(core.db, key, epoch)
      if (last !== undefined) say(core, chat, epoch, blobOf(row, 'authenticator'), false)
    }
  })
}
