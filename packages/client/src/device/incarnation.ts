import { hexOf } from '@quintet/domain'
import type { Core } from '../core.ts'
import type { Database } from '../ports.ts'
import { metaText, setMeta } from '../store/meta.ts'

/**
 * Remembers which incarnation of the relay this profile talks to (R9); to be called whenever it is online.
 *
 * `restored`: the relay is another one than last time, so it may stand behind what is known here.
 */
export function noteIncarnation(core: Core): 'same' | 'restored' {
  const { greeting } = core.relay
  if (greeting === undefined) return 'same'
  const now = hexOf(greeting.incarnation)
  const before = metaText(core.db, 'incarnation')
  if (before === now) return 'same'
  core.write(() => {
    setMeta(core.db, 'incarnation', now)
    if (before !== undefined) setMeta(core.db, 'restored-from', before)
  })
  return before === undefined ? 'same' : 'restored'
}

/** True when the relay has come back from a backup since this profile first met it. */
export function wasRestored(db: Database): boolean {
  return metaText(db, 'restored-from') !== undefined
}
