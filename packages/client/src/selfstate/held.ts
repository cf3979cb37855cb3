import type { DeviceId } from '@quintet/domain'
import { fromBinary, type SelfOp, SelfOpSchema, toBinary } from '@quintet/wire'
import type { Database, Row } from '../ports.ts'
import { blobOf, deviceOf } from '../store/row.ts'
import { type Op, parseOp } from './op.ts'

/** An op that waits for one that is missing before it (S3). */
export interface Held {
  readonly wire: SelfOp
  readonly op: Op
}

function parseRow(row: Row): readonly Held[] {
  const wire = fromBinary(SelfOpSchema, blobOf(row, 'op'))
  const op = parseOp(wire)
  return op === undefined ? [] : [{ wire, op }]
}

/** Keeps an op until what is missing has come. */
export function hold(db: Database, wire: SelfOp, op: Op): void {
  const bytes = toBinary(SelfOpSchema, wire)
  db.run('insert or ignore into self_held (device, counter, op) values (?, ?, ?)', op.device, op.counter, bytes)
}

/** Forgets a held op with the same device and counter. */
export function unhold(db: Database, op: Op): void {
  db.run('delete from self_held where device = ? and counter = ?', op.device, op.counter)
}

/** The held op that follows. */
export function heldNext(db: Database, op: Op): Held | undefined {
  const row = db.get('select op from self_held where device = ? and counter = ?', op.device, op.counter + 1)
  return row === undefined ? undefined : parseRow(row)[0]
}

/** The first held op of each device. */
export function firstHeld(db: Database): readonly Held[] {
  return db.all('select op, min(counter) from self_held group by device').flatMap(parseRow)
}

/** Forgets held ops that a snapshot has made part of the state. */
export function dropOvertaken(db: Database): void {
  db.run(
    'delete from self_held where counter <= (select v.counter from self_version v where v.device = self_held.device)',
  )
}

/** Devices some of whose ops are missing here: a snapshot of a sibling fills the hole. */
export function devicesWithHole(db: Database): readonly DeviceId[] {
  return db.all('select distinct device from self_held').map((row) => deviceOf(row, 'device'))
}
