import { hexOf } from '@quintet/domain'
import type { Greeting } from '@quintet/wire'
import type { Core } from '../core.ts'
import type { Database } from '../ports.ts'
import { metaNumber, metaText, setMeta } from '../store/meta.ts'

/** How long after a restore a relay that stands behind is not called a liar, ms: as long as it takes things back. */
const comingBackMs = 30 * 24 * 60 * 60 * 1000

const noted = new WeakMap<Core, Greeting>()

/**
 * Remembers which incarnation of the relay this profile talks to (R9); before anything that it says is believed.
 *
 * Another one than last time is a relay that was restored: it is `owed` then what it lost.
 */
export function noteIncarnation(core: Core): void {
  const { greeting } = core.relay
  if (greeting === undefined || noted.get(core) === greeting) return
  const now = hexOf(greeting.incarnation)
  const before = metaText(core.db, 'incarnation')
  if (before !== now)
    core.write(() => {
      setMeta(core.db, 'incarnation', now)
      if (before === undefined) return
      setMeta(core.db, 'restored-at', Math.trunc(core.relayNow()))
      setMeta(core.db, 'owed', 1)
      // What waits there was partly handed out before, and what was left for the kit is old.
      setMeta(core.db, 'stock-spent', 1)
      setMeta(core.db, 'kit-blob-at', undefined)
      setMeta(core.db, 'kit-blob-digest', undefined)
    })
  noted.set(core, greeting)
}

/** True from a restore of the relay on until this device has given it what it lost and looked at every chat. */
export function isOwed(db: Database): boolean {
  return metaNumber(db, 'owed') === 1
}

/** All of that is done. In a transaction. */
export function settleOwed(db: Database): void {
  setMeta(db, 'owed', undefined)
}

/** True when the relay came back from a backup lately: that it stands behind what is known here is no lie then. */
export function wasRestored(core: Pick<Core, 'db' | 'relayNow'>): boolean {
  return restoredAt(core) !== undefined
}

/** When this device met the restored relay first, ms by the relay's clock; undefined when that is long ago, or never was. */
export function restoredAt(core: Pick<Core, 'db' | 'relayNow'>): number | undefined {
  const at = metaNumber(core.db, 'restored-at')
  return at !== undefined && core.relayNow() - at < comingBackMs ? at : undefined
}
