import type { Profile } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { Arrived } from './arrived.ts'
import { drop } from './drop.ts'
import { isName } from './limits.ts'

/** How somebody wishes to be shown (M3); the newest of all chats by relay time. The own name is a key of the self state. */
export function applyProfile(db: Database, me: Me, arrived: Arrived, profile: Profile): readonly ClientEvent[] {
  const { chat, account, at } = arrived
  if (account === me.account) return []
  if (profile.name !== '' && !isName(profile.name)) return drop(db, chat, 'malformed')
  const known = db.get('select name, name_at from account where account = ?', account)
  if (known !== undefined && numberOf(known, 'name_at') > at) return []
  db.run(
    `insert into account (account, name, name_at) values (?, ?, ?)
     on conflict (account) do update set name = excluded.name, name_at = excluded.name_at`,
    account,
    profile.name,
    at,
  )
  const changed = known === undefined || textOf(known, 'name') !== profile.name
  return changed ? [{ event: 'chat', chat, change: 'info' }] : []
}
