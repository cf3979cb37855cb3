import { parseDeviceBytes } from '@quintet/domain'
import type { SelfSnapshot } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import { recordFault } from '../store/fault.ts'
import type { Me } from '../store/me.ts'
import { leaps } from './jump.ts'
import { undoneOnlyByOp } from './merge.ts'
import { type Op, parseOp } from './op.ts'
import { lastCounted } from './removed.ts'
import { letStand } from './stand.ts'
import { setVersion, versionOf } from './version.ts'
import { winnerOf } from './winner.ts'

/**
 * Merges a sibling's state into this one: what stands there stands here if it beats what is here.
 *
 * It never undoes a block or a verified mark (S4), and nothing of a removed device beyond its last counted op comes in
 * (S5). Version numbers only rise, this device's own included: a database that went back in time must not count again.
 */
export function importSnapshot(db: Database, me: Me, snapshot: SelfSnapshot, at: number): readonly ClientEvent[] {
  const newcomer = db.get('select 1 as one from self_version where device <> ?', me.device) === undefined
  const winners = snapshot.winners.flatMap((wire) => parseOp(wire) ?? [])
  if (winners.length < snapshot.winners.length) recordFault(db, 'self-malformed', 'snapshot', at)
  // Removals first: they say what else in the snapshot counts.
  const ordered = [...winners.filter(isRemoval), ...winners.filter((op) => !isRemoval(op))]
  const events = ordered.flatMap((op) => {
    if (op.counter > lastCounted(db, op.device)) return []
    if (!newcomer && leaps(db, op)) {
      recordFault(db, 'self-jump', op.device, at)
      return []
    }
    if (op.value === undefined && undoneOnlyByOp(op.key) && winnerOf(db, op.key)?.value !== undefined) return []
    return letStand(db, me, op)
  })
  for (const version of snapshot.versions) raiseVersion(db, version)
  return events
}

function isRemoval(op: Op): boolean {
  return op.key.startsWith('removed/')
}

function raiseVersion(db: Database, version: SelfSnapshot['versions'][number]): void {
  const device = parseDeviceBytes(version.device)
  const counter = Number(version.counter)
  if (device === undefined || !Number.isSafeInteger(counter) || version.last.length !== 32) return
  if (counter <= versionOf(db, device).counter || counter > lastCounted(db, device)) return
  setVersion(db, device, { counter, last: version.last })
}
