import type { Reaction } from '@quintet/wire'
import type { Database } from '../ports.ts'
import { numberOf } from '../store/row.ts'
import type { Action, Outcome } from './deed.ts'
import { isReaction } from './limits.ts'
import type { Target } from './target.ts'

/** One per account and emoji; the newest by seq stands, an `off` too (M1). */
export function applyReaction(db: Database, action: Action, target: Target, reaction: Reaction): Outcome {
  if (!isReaction(reaction.emoji)) return 'malformed'
  if (target.deleted) return 'nothing'
  const key = [action.chat, action.target, action.account, reaction.emoji] as const
  const known = db.get(
    'select seq, off from reaction where chat = ? and message = ? and account = ? and emoji = ?',
    ...key,
  )
  if (known !== undefined && numberOf(known, 'seq') > action.seq) return 'nothing'
  db.run(
    'insert or replace into reaction (chat, message, account, emoji, seq, off) values (?, ?, ?, ?, ?, ?)',
    ...key,
    action.seq,
    reaction.off ? 1 : 0,
  )
  const wasOff = known === undefined || numberOf(known, 'off') === 1
  return wasOff === reaction.off ? 'nothing' : 'done'
}
