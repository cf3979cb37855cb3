import type { SelfOp } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { parseWords, wordsValue } from './value.ts'
import { standingValue } from './winner.ts'

/** How the own account wishes to be shown (M3); empty before it was said. */
export function profileName(db: Database): string {
  const value = standingValue(db, { family: 'profile', name: 'name' })
  return value === undefined ? '' : (parseWords(value) ?? '')
}

/** Changes it; undefined when it is so already. Chats are told by a Profile body of their own. */
export function setProfileName(db: Database, me: Me, name: string): SelfOp | undefined {
  if (profileName(db) === name) return undefined
  return localOp(db, me, selfKey({ family: 'profile', name: 'name' }), wordsValue(name))
}
