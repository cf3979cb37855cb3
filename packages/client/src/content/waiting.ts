import type { ChatId, MessageId } from '@quintet/domain'
import { BodySchema, create, fromBinary, toBinary } from '@quintet/wire'
import type { Database } from '../ports.ts'
import { accountOf, blobOf, numberOf } from '../store/row.ts'
import type { Action } from './deed.ts'

/** Keeps an action whose target has not come (M1). */
export function awaitTarget(db: Database, action: Action): void {
  db.run(
    'insert or replace into waiting (chat, seq, target, account, at, admin, action) values (?, ?, ?, ?, ?, ?, ?)',
    action.chat,
    action.seq,
    action.target,
    action.account,
    action.at,
    action.admin ? 1 : 0,
    toBinary(BodySchema, create(BodySchema, { kind: action.deed })),
  )
}

/** Gives back, in order of seq, and forgets what waited for this message. */
export function takeWaiting(db: Database, chat: ChatId, target: MessageId): readonly Action[] {
  const rows = db.all('select * from waiting where chat = ? and target = ? order by seq', chat, target)
  if (rows.length > 0) db.run('delete from waiting where chat = ? and target = ?', chat, target)
  return rows.flatMap((row): readonly Action[] => {
    const { kind } = fromBinary(BodySchema, blobOf(row, 'action'))
    if (kind.case !== 'edit' && kind.case !== 'delete' && kind.case !== 'reaction') return []
    return [
      {
        chat,
        target,
        seq: numberOf(row, 'seq'),
        at: numberOf(row, 'at'),
        account: accountOf(row, 'account'),
        admin: numberOf(row, 'admin') === 1,
        deed: kind,
      },
    ]
  })
}
