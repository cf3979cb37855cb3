import { bytesOf, type DeviceId, parseChatBytes, sameBytes } from '@quintet/domain'
import type { EpochConfirm } from '@quintet/wire'
import type { Core } from '../core.ts'
import { chatRecord, chatRecords, setChat } from './record.ts'
import { enqueue } from './outbox.ts'

/** A sibling says which epoch of a chat it is in, or asks whether this device is in the same (C8). In a transaction. */
export function heardConfirm(core: Core, device: DeviceId, confirm: EpochConfirm): void {
  const chat = parseChatBytes(confirm.chat)
  const record = chat === undefined ? undefined : chatRecord(core.db, chat)
  if (chat === undefined || record === undefined || device === core.mustOwn().device) return
  const view = core.engine().view(confirm.chat)
  if (view === undefined || Number(view.epoch) !== Number(confirm.epoch)) return
  const same = sameBytes(view.epochAuthenticator, confirm.authenticator)
  if (same && record.held === 'unconfirmed') setChat(core.db, chat, { held: null })
  if (confirm.request && same && record.held === undefined) sayEpoch(core, record.chat, false)
}

/** Tells the account's other devices, by the self chat, which epoch this one is in. In a transaction. */
export function sayEpoch(core: Core, chat: Parameters<typeof chatRecord>[1], request: boolean): void {
  const self = chatRecords(core.db).find((record) => record.kind === 'self')
  const view = core.engine().view(bytesOf(chat))
  if (self === undefined || view === undefined) return
  const value = { chat: bytesOf(chat), epoch: view.epoch, authenticator: view.epochAuthenticator, request }
  enqueue(core, self.chat, { kind: { case: 'epochConfirm', value } }, { content: false })
}
