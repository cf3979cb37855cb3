import type { ChatId } from '@quintet/domain'
import { headOf, newestOf, sha256 } from './chat-head.ts'
import { blob, int } from './database.ts'
import type { WriteContext } from './write-accounts.ts'

/** Before entries go, what only they say is written into the rows of the chat and its members. */
function settle({ db }: WriteContext, chat: number, seq: number): void {
  const row = db.get('SELECT head_seq, head_at_ms, head_hash FROM chats WHERE key = ?', chat)
  if (row === undefined) return
  const head = headOf(db, chat, row)
  const sql = 'UPDATE chats SET head_seq = ?, head_at_ms = ?, head_hash = ? WHERE key = ? AND head_seq < ?'
  db.run(sql, head.seq, head.atMs, head.hash, chat, head.seq)
  for (const newest of newestOf(db, chat, seq)) {
    db.run(
      'UPDATE members SET n = ?, n_seq = ?, n_at_ms = ?, n_digest = ? WHERE chat = ? AND device = ? AND n < ?1',
      int(newest, 'n'),
      int(newest, 'seq'),
      int(newest, 'at_ms'),
      sha256(blob(newest, 'message')),
      chat,
      int(newest, 'device'),
    )
  }
}

/** Messages of a chat that everybody has: those up to `seq`. */
export interface Trim {
  readonly chat: ChatId
  readonly seq: number
}

/**
 * Says for each chat up to where its messages are gone; returns the keys of those that are still there. From here on
 * they may go, in whatever order.
 */
export function beginTrims(context: WriteContext, { trims }: { trims: readonly Trim[] }): readonly Float64Array[] {
  const { db, keys } = context
  return trims.map(({ chat, seq }) => {
    const key = keys.findChat(chat)
    if (key === undefined) return new Float64Array()
    settle(context, key, seq)
    db.run('UPDATE chats SET trimmed_seq = ? WHERE key = ? AND trimmed_seq < ?1', seq, key)
    const rows = db.all('SELECT key FROM entries WHERE chat = ? AND seq <= ? AND n > 0', key, seq)
    return Float64Array.from(rows, (row) => int(row, 'key'))
  })
}

/** Forgets those of the entries that a trim has given up. A key may have come to mean another entry meanwhile. */
export function forgetEntries({ db }: WriteContext, { entries }: { entries: Float64Array }): void {
  const sql = `DELETE FROM entries WHERE key = ? AND n > 0
    AND seq <= (SELECT trimmed_seq FROM chats WHERE chats.key = entries.chat)`
  for (const entry of entries) db.run(sql, entry)
}

interface Expiry {
  readonly atMs: number
  readonly limit: number
  readonly nowMs: number | undefined
}

/** Keys are in the order of arrival: what stands before an old entry is as old, whatever a wrong clock made of its time. */
export function expireEntries(context: WriteContext, { atMs, limit, nowMs }: Expiry): number {
  const { db } = context
  const latest = nowMs ?? Number.MAX_SAFE_INTEGER
  const rows = db.all('SELECT key, chat, seq, at_ms FROM entries WHERE at_ms <= ? ORDER BY key LIMIT ?', latest, limit)
  const inTime = rows.filter((row) => int(row, 'at_ms') < atMs)
  const last = inTime.at(-1)
  if (last === undefined) return 0
  const wrong = db.all('SELECT key, chat, seq FROM entries WHERE key < ? AND at_ms > ?', int(last, 'key'), latest)
  const old = [...inTime, ...wrong]
  const newest = new Map<number, number>()
  for (const row of old) newest.set(int(row, 'chat'), Math.max(int(row, 'seq'), newest.get(int(row, 'chat')) ?? 0))
  for (const [chat, seq] of newest) {
    settle(context, chat, seq)
    db.run('UPDATE members SET welcome_seq = NULL WHERE chat = ? AND welcome_seq <= ?', chat, seq)
    db.run('DELETE FROM welcomes WHERE chat = ? AND seq <= ?', chat, seq)
  }
  for (const row of old) db.run('DELETE FROM entries WHERE key = ?', int(row, 'key'))
  return old.length
}
