import type { ChatId } from '@quintet/domain'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'

/** Why something that came in counts for nothing (M1, M2, T2). */
export type DropCause =
  | 'malformed'
  | 'not-entitled'
  | 'content-flag'
  | 'late-edit'
  | 'not-a-text'
  | 'forged-info'
  | 'doubled-id'

/** Counts it and leaves no other trace. */
export function drop(db: Database, chat: ChatId, cause: DropCause): readonly ClientEvent[] {
  db.run(
    'insert into dropped (chat, cause, count) values (?, ?, 1) on conflict (chat, cause) do update set count = count + 1',
    chat,
    cause,
  )
  return []
}
