import type { Database } from '../ports.ts'
import type { Action, Outcome } from './deed.ts'
import type { Target } from './target.ts'

/** Erases a message for all: by its author's account or an admin of the group. Words and keys go, a line stays (M1, P4). */
export function applyDelete(db: Database, action: Action, target: Target): Outcome {
  if (target.account !== action.account && !action.admin) return 'not-entitled'
  if (target.deleted) return 'nothing'
  db.run(
    'update message set text = null, body = null, body_key = null, edited_at = null, unread = 0, deleted_by = ? where row = ?',
    action.account,
    target.row,
  )
  db.run('delete from version where chat = ? and message = ?', action.chat, action.target)
  db.run('delete from reaction where chat = ? and message = ?', action.chat, action.target)
  return 'done'
}
