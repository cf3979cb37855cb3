import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import type { Arrived } from './arrived.ts'

/**
 * Somebody says goodbye (C6). The next commit takes them out; only when a sibling left for the own account is there
 * something to do at once: nothing more will come from here.
 */
export function applyLeft(db: Database, me: Me, arrived: Arrived): readonly ClientEvent[] {
  if (arrived.account !== me.account) return []
  const changed = db.run(
    "update chat set state = 'left' where chat = ? and state = 'active' and kind = 'group'",
    arrived.chat,
  )
  return changed === 0 ? [] : [{ event: 'chat', chat: arrived.chat, change: 'left' }]
}
