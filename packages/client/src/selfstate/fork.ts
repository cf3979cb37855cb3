import { parseAccountId } from '@quintet/domain'
import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { blobOf, textOf } from '../store/row.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { standingValue } from './winner.ts'

/** Fork proofs found here that the account's other devices have not been told of (D11). In a transaction. */
export function untoldForks(db: Database, me: Me): readonly SelfOp[] {
  const rows = db.all("select subject, detail from fault where kind = 'log-fork' and detail is not null")
  return rows.flatMap((row) => {
    const account = parseAccountId(textOf(row, 'subject'))
    if (account === undefined || standingValue(db, { family: 'fork', account }) !== undefined) return []
    return [localOp(db, me, selfKey({ family: 'fork', account }), blobOf(row, 'detail'))]
  })
}
