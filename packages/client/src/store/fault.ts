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
  // What the kit brought back was older than the account's last change, or missing (H8).
  | 'kit-blob-old'

/** Keeps a fault once per kind and subject: a repetition adds nothing that anybody could act on. */
export function recordFault(db: Database, kind: FaultKind, subject: string, at: number): void {
  const known = db.get('select 1 as one from fault where kind = ? and subject = ?', kind, subject)
  if (known === undefined) db.run('insert into fault (kind, subject, at) values (?, ?, ?)', kind, subject, at)
}
