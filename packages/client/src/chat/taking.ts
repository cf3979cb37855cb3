import type { AccountId, ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'

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
