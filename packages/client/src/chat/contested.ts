import { type AccountId, type ChatId, type DeviceId, sameBytes } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { recordFault } from '../store/fault.ts'
import { blobOf, numberOf, textOf } from '../store/row.ts'
import { type ChatRecord, setChat } from './record.ts'

/** Whose word holds a chat: once in this time and account, ms. */
const weighedMs = 24 * 60 * 60 * 1000

interface Seen {
  readonly account: AccountId
  readonly device: DeviceId
  /** The newest entry that it says it had taken in, and the first 16 bytes of its hash of the log up to there. */
  readonly seq: number
  readonly hash: Uint8Array
}

/**
 * Compares what another device says it has seen of a chat's log with what this one has (R6). In a transaction.
 *
 * A claim that differs may mean that the relay shows two logs, or that one member lies: nobody can tell from it alone.
 * So it is shown with whose it is, and sends wait for a while. They go on as soon as a device of somebody else has seen
 * the same as this one, at the place in question or later: then it is one device against the others. Else the person goes
 * on, told why, as in C8; the same account's claims hold the chat once a day at most, or one liar could silence it.
 */
export function compareSeen(
  core: Core,
  record: ChatRecord,
  at: number,
  seen: Seen,
  emit: (event: ClientEvent) => void,
): void {
  // Who writes has seen less than where it comes to stand, or the numbers were moved for one of the two.
  const moved = seen.seq >= at
  const row = core.db.get('select hash from log_hash where chat = ? and seq = ?', record.chat, seen.seq)
  if (moved || (row !== undefined && !sameBytes(blobOf(row, 'hash').subarray(0, 16), seen.hash))) {
    contest(core, record, moved ? at : seen.seq, seen, emit)
    return
  }
  // Somebody whose leaf stands writes in this epoch: it is the one that all are in (C8).
  if (record.held === 'unconfirmed') setChat(core.db, record.chat, { held: null })
  if (record.held === 'contested' && row !== undefined) agree(core, record.chat, seen)
}

function contest(core: Core, { chat, held }: ChatRecord, seq: number, seen: Seen, emit: (event: ClientEvent) => void) {
  const now = Math.trunc(core.relayNow())
  recordFault(core.db, 'chat-fork', chat, now)
  const before = core.db.get('select at from claim where chat = ? and account = ?', chat, seen.account)
  if (before !== undefined && now - numberOf(before, 'at') < weighedMs) return
  core.db.run(
    'insert or replace into claim (chat, account, device, seq, at) values (?, ?, ?, ?, ?)',
    chat,
    seen.account,
    seen.device,
    seq,
    now,
  )
  // What holds it for longer goes on doing so.
  if (held !== undefined && held !== 'unconfirmed' && held !== 'newcomers' && held !== 'contested') return
  setChat(core.db, chat, { held: 'contested', held_by: seen.account, held_at: Math.trunc(core.relayNow()) })
  emit({ event: 'chat', chat, change: 'held' })
}

/** One's own devices hear the same relay and are no witnesses; nor is who said otherwise before, of what came before. */
function agree(core: Core, chat: ChatId, seen: Seen): void {
  if (seen.account === core.mustOwn().account) return
  const row = core.db.get('select held_by from chat where chat = ?', chat)
  const claim = row && core.db.get('select seq from claim where chat = ? and account = ?', chat, textOf(row, 'held_by'))
  if (claim === undefined || seen.seq < numberOf(claim, 'seq')) return
  setChat(core.db, chat, { held: null, held_by: null })
}
