import { type DeviceId, sameBytes } from '@quintet/domain'
import type { SelfOp, SelfOps } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import { recordFault } from '../store/fault.ts'
import type { Me } from '../store/me.ts'
import { dropOvertaken, firstHeld, heldNext, hold, unhold } from './held.ts'
import { importSnapshot } from './import.ts'
import { leaps } from './jump.ts'
import { type Op, opHash, parseOp } from './op.ts'
import { lastCounted } from './removed.ts'
import { letStand } from './stand.ts'
import { setVersion, versionOf } from './version.ts'

/**
 * Takes in what device `author` of the own account sent in the self chat, in the order of the body. `at` is relay time.
 *
 * Ops count once, in the order of their counter; those after a hole are held until it is filled (S3).
 */
export function applySelfOps(
  db: Database,
  me: Me,
  body: Pick<SelfOps, 'ops' | 'snapshot'>,
  author: DeviceId,
  at: number,
): readonly ClientEvent[] {
  const events = [...applyOps(db, me, body.ops, author, at)]
  if (body.snapshot !== undefined) events.push(...importSnapshot(db, me, body.snapshot, at), ...releaseHeld(db, me, at))
  return events
}

/** The ops alone. Nobody speaks for another device: a foreign op is a fault, and what a sibling knows comes as a snapshot. */
export function applyOps(
  db: Database,
  me: Me,
  ops: readonly SelfOp[],
  author: DeviceId,
  at: number,
): readonly ClientEvent[] {
  const events: ClientEvent[] = []
  for (const wire of ops) {
    const op = parseOp(wire)
    if (op === undefined) recordFault(db, 'self-malformed', author, at)
    else if (op.device !== author) recordFault(db, 'self-foreign', author, at)
    else events.push(...take(db, me, wire, op, at))
  }
  return events
}

/** Counts what was held, as far as a snapshot has filled the holes before it. */
function releaseHeld(db: Database, me: Me, at: number): readonly ClientEvent[] {
  dropOvertaken(db)
  return firstHeld(db).flatMap(({ wire, op }) => take(db, me, wire, op, at))
}

/** One op and, if it was the missing one, those held after it. */
function take(db: Database, me: Me, wire: SelfOp, op: Op, at: number): readonly ClientEvent[] {
  const events: ClientEvent[] = []
  if (!inPlace(db, wire, op, at)) return events
  for (let next: { wire: SelfOp; op: Op } | undefined = { wire, op }; next !== undefined; ) {
    setVersion(db, next.op.device, { counter: next.op.counter, last: opHash(next.wire) })
    unhold(db, next.op)
    if (leaps(db, next.op)) recordFault(db, 'self-jump', next.op.device, at)
    else events.push(...letStand(db, me, next.op))
    const held = heldNext(db, next.op)
    next = held !== undefined && inPlace(db, held.wire, held.op, at) ? held : undefined
  }
  return events
}

/** True when an op continues its device's chain; otherwise it is known already, does not count (S5), or is held. */
function inPlace(db: Database, wire: SelfOp, op: Op, at: number): boolean {
  const version = versionOf(db, op.device)
  if (op.counter <= version.counter) {
    // The same number for something else: that device's database went back in time.
    const other = op.counter === version.counter && !sameBytes(opHash(wire), version.last)
    if (other) recordFault(db, 'self-fork', op.device, at)
    return false
  }
  if (op.counter > lastCounted(db, op.device)) return false
  const next = op.counter === version.counter + 1
  if (next && sameBytes(wire.previous, version.last)) return true
  if (next) recordFault(db, 'self-broken', op.device, at)
  hold(db, wire, op)
  return false
}
