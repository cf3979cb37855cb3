import { type AccountId, type ChatId, sameBytes } from '@quintet/domain'
import type { Core } from '../core.ts'
import { blobOf } from '../store/row.ts'

/** What one entry came to: taken, or it waits for logs, or it blocks the chat (C12). */
export type Taking =
  | { readonly kind: 'taken'; readonly log?: 'kept' }
  | { readonly kind: 'need'; readonly accounts: readonly AccountId[] }
  | { readonly kind: 'blocked' }

/** An entry that cannot be opened is a gap that is shown, until a sibling or its sender fills it (DESIGN 8). */
export function noteGap(core: Core, chat: ChatId, seq: number, at: number): void {
  core.db.run(
    "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'unopenable') on conflict do nothing",
    chat,
    seq,
    seq,
    at,
    at,
  )
}

/** Whether a hash that another device has seen is the one seen here; true where nothing is kept to compare. */
export function sawTheSame(core: Core, chat: ChatId, seq: number, hash: Uint8Array): boolean {
  const row = core.db.get('select hash from log_hash where chat = ? and seq = ?', chat, seq)
  return row === undefined || sameBytes(blobOf(row, 'hash').subarray(0, 16), hash)
}
