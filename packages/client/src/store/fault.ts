import { asciiBytes } from '@quintet/domain'
import type { Database } from '../ports.ts'

/** What was caught and has to be shown to a person or to a sibling; never with texts, names or keys in it. */
export type FaultKind =
  | 'self-jump'
  | 'self-broken'
  | 'self-fork'
  | 'self-foreign'
  | 'self-malformed'
  // Device logs and statements: shorter than known, two at one position, entries that do not follow, another view told, an older statement.
  | 'log-rollback'
  | 'log-fork'
  | 'log-fault'
  | 'log-forked-view'
  | 'statement-downgrade'
  // A chat's log: told differently to others (R6), with a number skipped, a commit that is refused (C12), an own entry unknown here.
  | 'chat-fork'
  | 'chat-gap'
  | 'commit-refused'
  | 'join-refused'
  | 'own-entry-lost'
  // The relay counts other members than the tree holds (R2), a sibling is in another epoch than this device (R6), an MLS state given up (C12).
  | 'roster-differs'
  | 'epoch-differs'
  | 'state-lost'
  // A handle that was one person's is another's now (D13).
  | 'handle-moved'
  // What the kit brought back was older than the account's last change, or missing (H8).
  | 'kit-blob-old'

/**
 * Keeps a fault once per kind and subject: a repetition adds nothing that anybody could act on.
 *
 * `why`: a word of the code's own that says more, never anything that came from outside.
 */
export function recordFault(db: Database, kind: FaultKind, subject: string, at: number, why?: string): void {
  const known = db.get('select 1 as one from fault where kind = ? and subject = ?', kind, subject)
  if (known !== undefined) return
  const detail = why === undefined ? null : asciiBytes(why)
  db.run('insert into fault (kind, subject, at, detail) values (?, ?, ?, ?)', kind, subject, at, detail)
}
