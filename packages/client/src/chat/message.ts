import { openBody } from '@quintet/crypto'
import { bytesOf, parseCredential, parseDeviceBytes, parseMessageBytes, sameBytes } from '@quintet/domain'
import { deviceActiveAt } from '@quintet/identity'
import { type Body, BodySchema, type Entry, fromBinary } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import { applyBody } from '../content/apply.ts'
import { drop } from '../content/drop.ts'
import type { Core } from '../core.ts'
import { noteHead, stateOf } from '../device/directory.ts'
import { leaveState } from './intent.ts'
import { isPlausible } from '../plausible.ts'
import { recordFault } from '../store/fault.ts'
import { blobOf, messageOf, numberOf } from '../store/row.ts'
import { heardConfirm } from './confirm.ts'
import { compareSeen } from './contested.ts'
import { noteGap, type Taking } from './taking.ts'
import type { ChatRecord } from './record.ts'
import { answerSnapshot } from './self-repair.ts'

/** A removal and the entries sent just before it may be stamped this far apart, ms. */
const slackMs = 10_000

/** Opens one application message and applies what it says; one's own come from the outbox, whose key is long gone. */
export function openMessage(core: Core, record: ChatRecord, entry: Entry, emit: (event: ClientEvent) => void): Taking {
  const own = core.mustOwn()
  if (parseDeviceBytes(entry.device) === own.device) return takeOwn(core, record, entry, emit)
  const opened = core.engine().open(bytesOf(record.chat), entry.message, BigInt(Math.floor(Number(entry.atMs) / 1000)))
  const sender = opened.kind === 'application' ? parseCredential(opened.sender.credential) : undefined
  if (opened.kind !== 'application' || sender === undefined) return gap(core, record, entry)
  const log = stateOf(core, sender.account)
  if (log === undefined) return { kind: 'need', accounts: [sender.account] }
  const listed = log.devices.get(sender.device)
  if (listed === undefined || !sameBytes(listed.mlsKey, opened.sender.signatureKey)) return gap(core, record, entry)
  if (deviceActiveAt(log, sender.device, Number(entry.atMs) - slackMs) === undefined) {
    // A removed device that the relay lets through is not heard (C3).
    drop(core.db, record.chat, 'not-entitled')
    return { kind: 'taken' }
  }
  const sealed = openBody(opened.plaintext, opened.aad)
  const id = parseMessageBytes(opened.aad)
  if (sealed === 'malformed' || id === undefined || !isPlausible(sealed.header) || !isPlausible(sealed.body)) {
    drop(core.db, record.chat, 'malformed')
    return { kind: 'taken' }
  }
  const { header } = sealed
  if (header.head !== undefined) noteHead(core, sender.account, header.head)
  checkOrder(core, record, sender.device, Number(header.n))
  const { account, device } = sender
  compareSeen(
    core,
    record,
    Number(entry.seq),
    { account, device, seq: Number(header.seenSeq), hash: header.seenHash },
    emit,
  )
  apply(core, record, entry, { ...sender, id, ...sealed, sentAt: Number(header.sentAtMs) }, emit)
  return { kind: 'taken' }
}

function gap(core: Core, record: ChatRecord, entry: Entry): Taking {
  noteGap(core, record.chat, Number(entry.seq), Number(entry.atMs))
  return { kind: 'taken' }
}

/** R6: a skip in a sender's own count means that the relay kept something back. */
function checkOrder(core: Core, record: ChatRecord, device: string, n: number): void {
  const row = core.db.get('select n from sender where chat = ? and device = ?', record.chat, device)
  if (row !== undefined && n !== numberOf(row, 'n') + 1)
    recordFault(core.db, 'chat-gap', record.chat, Math.trunc(core.relayNow()))
  core.db.run(
    'insert into sender (chat, device, n) values (?, ?, ?) on conflict do update set n = excluded.n',
    record.chat,
    device,
    n,
  )
}

interface Spoken {
  readonly account: Parameters<typeof applyBody>[1]['account']
  readonly device: Parameters<typeof applyBody>[1]['device']
  readonly id: Parameters<typeof applyBody>[1]['id']
  readonly body: Body
  readonly bodyBytes: Uint8Array
  readonly bodyKey: Uint8Array
  readonly sentAt: number
}

function apply(core: Core, record: ChatRecord, entry: Entry, spoken: Spoken, emit: (event: ClientEvent) => void): void {
  if (spoken.body.kind.case === 'epochConfirm' && record.kind === 'self') {
    heardConfirm(core, spoken.device, spoken.body.kind.value)
    return
  }
  const asks = spoken.body.kind.case === 'selfOps' && record.kind === 'self' && spoken.body.kind.value.ask
  if (asks && spoken.device !== core.mustOwn().device) answerSnapshot(core, record.chat, spoken.device)
  const at = Number(entry.atMs)
  const { account, device, id, body, bodyBytes, bodyKey, sentAt } = spoken
  const arrived = { account, device, id, body, bodyBytes, bodyKey, sentAt }
  const place = { chat: record.chat, seq: Number(entry.seq), at, epoch: Number(entry.epoch), content: entry.content }
  for (const event of applyBody(core.db, { ...arrived, ...place }, core.mustOwn())) emit(event)
  const goes = body.kind.case === 'left' && record.kind === 'group' && account === core.mustOwn().account
  if (goes) leaveState(core, record.chat)
}

/** One's own entry that a new beginning in the chat passed over. In a transaction. */
export function takeSkippedOwn(core: Core, record: ChatRecord, entry: Entry, emit: (event: ClientEvent) => void): void {
  takeOwn(core, record, entry, emit)
}

/** One's own entry is back: what it says stands in the outbox. */
function takeOwn(core: Core, record: ChatRecord, entry: Entry, emit: (event: ClientEvent) => void): Taking {
  const own = core.mustOwn()
  const row = core.db.get('select * from outbox where chat = ? and n = ?', record.chat, Number(entry.n))
  if (row === undefined || !sameBytes(blobOf(row, 'message'), entry.message)) {
    recordFault(core.db, 'own-entry-lost', record.chat, Math.trunc(core.relayNow()))
    return gap(core, record, entry)
  }
  const bodyBytes = blobOf(row, 'body')
  const body = fromBinary(BodySchema, bodyBytes)
  const id = messageOf(row, 'entry')
  core.db.run('delete from outbox where id = ?', numberOf(row, 'id'))
  const sentAt = numberOf(row, 'written_at')
  apply(core, record, entry, { ...own, id, body, bodyBytes, bodyKey: blobOf(row, 'body_key'), sentAt }, emit)
  return { kind: 'taken' }
}
