import type { Receipt } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import { settingOn } from '../selfstate/settings.ts'
import type { Me } from '../store/me.ts'
import type { Arrived } from './arrived.ts'
import { advance } from './progress.ts'

/**
 * Somebody read up to a seq (T3); never further than where they said it.
 *
 * Who gives no receipts gets none. The own account's receipts are for the others: siblings go by the self chat (S4).
 */
export function applyReceipt(db: Database, me: Me, arrived: Arrived, receipt: Receipt): readonly ClientEvent[] {
  if (arrived.account === me.account || !settingOn(db, 'read-receipts')) return []
  const seq = Math.min(Number(receipt.seq), arrived.seq)
  return advance(db, me, arrived.chat, arrived.account, { read: seq })
}
