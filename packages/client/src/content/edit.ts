import type { Edit } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Action, Outcome } from './deed.ts'
import { editWindowMs, isText } from './limits.ts'
import type { Target } from './target.ts'

/** New words for a message: by its author's account, within a day, what was there before is kept (M1). */
export function applyEdit(db: Database, action: Action, target: Target, edit: Edit): Outcome {
  if (target.account !== action.account) return 'not-entitled'
  if (target.kind !== 'text') return 'not-a-text'
  if (action.at - target.at > editWindowMs) return 'late-edit'
  if (!isText(edit.text)) return 'malformed'
  if (target.text === undefined) return 'nothing' // deleted
  const { chat, target: id } = action
  const keep = 'insert or ignore into version (chat, message, seq, at, text) values (?, ?, ?, ?, ?)'
  const first = db.get('select 1 as one from version where chat = ? and message = ?', chat, id) === undefined
  if (first) db.run(keep, chat, id, target.seq, target.at, target.text)
  db.run(keep, chat, id, action.seq, action.at, edit.text)
  // The newest by seq stands, also when an older one comes later (a hole that was filled).
  db.run(
    `update message set (text, edited_at) =
       (select v.text, v.at from version v where v.chat = ? and v.message = ? order by v.seq desc limit 1)
     where row = ?`,
    chat,
    id,
    target.row,
  )
  return 'done'
}
