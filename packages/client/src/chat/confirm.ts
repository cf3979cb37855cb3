import type { GroupView } from '@quintet/crypto'
import { bytesOf, type ChatId, type DeviceId, parseChatBytes, sameBytes } from '@quintet/domain'
import type { EpochConfirm } from '@quintet/wire'
import type { Core } from '../core.ts'
import { recordFault } from '../store/fault.ts'
import { setMeta, metaNumber } from '../store/meta.ts'
import { blobOf } from '../store/row.ts'
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
  const asked = core.db.get('select authenticator from asked where chat = ? and epoch = ?', chat, epoch)
  core.db.run('delete from asked where chat = ? and epoch <= ?', chat, epoch)
  if (asked !== undefined) compare(core, chat, epoch, blobOf(asked, 'authenticator'), true)
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
        'insert or replace into asked (chat, epoch, authenticator) values (?, ?, ?)',
        chat,
        epoch,
        confirm.authenticator,
      )
    return
  }
  compare(core, chat, epoch, confirm.authenticator, confirm.request)
}

function compare(core: Core, chat: ChatId, epoch: number, theirs: Uint8Array, asks: boolean): void {
  const row = core.db.get('select authenticator from epoch where chat = ? and epoch = ?', chat, epoch)
  const held = chatRecord(core.db, chat)?.held
  if (row === undefined) return
  if (!sameBytes(blobOf(row, 'authenticator'), theirs)) {
    recordFault(core.db, 'epoch-differs', chat, Math.trunc(core.relayNow()))
    setChat(core.db, chat, { held: 'fork' })
    return
  }
  const waits = held === 'unconfirmed' || held === 'newcomers'
  if (waits) setChat(core.db, chat, { held: null })
  else if (asks && held === undefined) say(core, chat, epoch, theirs, false)
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
