import { type ChatId, sameBytes } from '@quintet/domain'
import type { Core } from '../core.ts'
import { restoredAt } from '../device/incarnation.ts'
import type { Policy } from '../policy/policy.ts'
import { blobOf } from '../store/row.ts'
import { chatRecord } from './record.ts'

/**
 * Compares where a chat ended for this device with where it ended for its successor's maker (C13). In a transaction.
 *
 * What the maker has seen and this device has not is shown as missing. What this device wrote after a restore and the
 * maker has not seen is said again in the successor (R9), as the same message: whoever has seen it sees it once.
 */
export function compareEnds(core: Core, chat: ChatId, before: NonNullable<Policy['predecessor']>): void {
  const cursor = chatRecord(core.db, before.chat)?.cursor ?? 0
  const end = Number(before.seq)
  const row = core.db.get('select hash from log_hash where chat = ? and seq = ?', before.chat, end)
  const isPart = row !== undefined && sameBytes(blobOf(row, 'hash'), before.logHash)
  if (!isPart && (row !== undefined || end > cursor)) noteMissing(core, before.chat, Math.min(cursor + 1, end), end)
  const since = restoredAt(core)
  if (since === undefined) return
  // Not a part of this log: the two went different ways, and of what was said since the restore nothing is known there.
  const unseen = `chat = ? and device = ? and kind = 'text' and body is not null and at >= ? and seq > ?`
  const which = [before.chat, core.mustOwn().device, since, isPart ? end : 0]
  core.db.run(
    `insert into outbox (chat, entry, body, body_key, content, written_at)
     select ?, id, body, body_key, 1, sent_at from message where ${unseen} order by seq`,
    chat,
    ...which,
  )
  core.db.run(`delete from message where ${unseen}`, ...which)
}

/** What this device will not get of a chat that has stopped (R7). In a transaction. */
export function noteMissing(core: Core, chat: ChatId, from: number, to: number): void {
  const now = Math.trunc(core.relayNow())
  core.db.run(
    "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'stopped') on conflict do nothing",
    chat,
    from,
    to,
    now,
    now,
  )
}
