import { hash } from 'node:crypto'
import { nextLogHash } from '@quintet/relay/log-hash'
import { blob, type Database, int, type Row } from './database.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'))

export interface ChatHead {
  readonly seq: number
  readonly atMs: number
  readonly hash: Uint8Array
}

/** Where the chat's log ends: by its row, or by a newer entry. `row` has the chat's head_* columns. */
export function headOf(db: Database, chat: number, row: Row): ChatHead {
  const newest = db.get(
    'SELECT seq, at_ms, hash_before, message FROM entries WHERE chat = ? ORDER BY seq DESC LIMIT 1',
    chat,
  )
  const seq = newest ? int(newest, 'seq') : 0
  if (newest === undefined || seq <= int(row, 'head_seq')) {
    return { seq: int(row, 'head_seq'), atMs: int(row, 'head_at_ms'), hash: blob(row, 'head_hash') }
  }
  const digest = sha256(blob(newest, 'message'))
  return { seq, atMs: int(newest, 'at_ms'), hash: nextLogHash({ sha256 }, blob(newest, 'hash_before'), seq, digest) }
}

/** The newest message of each device among the entries up to `seq`, newer than what its row says. */
export function newestOf(db: Database, chat: number, seq: number): readonly Row[] {
  return db.all(
    `SELECT e.device, e.n, e.seq, e.at_ms, e.message FROM entries e JOIN (
       SELECT device, max(seq) AS seq FROM entries WHERE chat = ?1 AND seq <= ?2 AND n > 0 GROUP BY device
     ) newest ON e.chat = ?1 AND e.seq = newest.seq`,
    chat,
    seq,
  )
}
