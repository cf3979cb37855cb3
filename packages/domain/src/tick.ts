import type { AccountId } from './id.ts'

/** How far one recipient has come, their devices already merged. */
export type Progress = 'none' | 'delivered' | 'read'
/** What stands beside a message of one's own account. */
export type Tick = 'pending' | 'sent' | 'delivered' | 'read'

/**
 * The tick beside a message advances only when every recipient has.
 *
 * With nobody to deliver to (a note to oneself, an empty group) it rests at `sent`:
 * `read` would claim a receipt that no one gave.
 */
export function tickOf(accepted: boolean, recipients: ReadonlyMap<AccountId, Progress>): Tick {
  if (!accepted) return 'pending'
  const all = [...recipients.values()]
  if (all.length === 0) return 'sent'
  if (all.every((progress) => progress === 'read')) return 'read'
  return all.includes('none') ? 'sent' : 'delivered'
}
