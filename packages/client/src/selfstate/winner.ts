import type { Database, Row } from '../ports.ts'
import { metaNumber, setMeta } from '../store/meta.ts'
import { deviceOf, numberOf, optionalBlob, textOf } from '../store/row.ts'
import type { SelfKey } from './key.ts'
import { selfKey } from './key.ts'
import type { Op } from './op.ts'

const lamportKey = 'self-lamport'

function parseRow(row: Row): Op {
  return {
    key: textOf(row, 'key'),
    value: numberOf(row, 'tombstone') === 1 ? undefined : (optionalBlob(row, 'value') ?? new Uint8Array()),
    lamport: numberOf(row, 'lamport'),
    device: deviceOf(row, 'device'),
    counter: numberOf(row, 'counter'),
  }
}

/** The op that stands for a key, a tombstone included. */
export function winnerOf(db: Database, key: string): Op | undefined {
  const row = db.get('select * from self_state where key = ?', key)
  return row === undefined ? undefined : parseRow(row)
}

/** Every standing op in order of key, as bytes. */
export function allWinners(db: Database): readonly Op[] {
  return db.all('select * from self_state order by key').map(parseRow)
}

/** Standing values of one family, tombstones left out. */
export function valuesOf(db: Database, family: SelfKey['family']): readonly (Op & { readonly value: Uint8Array })[] {
  // '0' follows '/' in every encoding that SQLite compares by.
  const rows = db.all(
    'select * from self_state where key >= ? and key < ? and tombstone = 0',
    `${family}/`,
    `${family}0`,
  )
  return rows.map(parseRow).flatMap((op) => (op.value === undefined ? [] : [{ ...op, value: op.value }]))
}

/** What a known key holds now; undefined when nothing or a tombstone stands. */
export function standingValue(db: Database, key: Exclude<SelfKey, { family: 'other' }>): Uint8Array | undefined {
  return winnerOf(db, selfKey(key))?.value
}

/** Puts an op in the place of whatever stood there. */
export function putWinner(db: Database, op: Op): void {
  db.run(
    'insert or replace into self_state (key, value, tombstone, lamport, device, counter) values (?, ?, ?, ?, ?, ?)',
    op.key,
    op.value ?? null,
    op.value === undefined ? 1 : 0,
    op.lamport,
    op.device,
    op.counter,
  )
}

/** The highest Lamport number seen, winners and losers alike (S2). */
export function highestLamport(db: Database): number {
  return metaNumber(db, lamportKey) ?? 0
}

/** Remembers that it was seen. */
export function sawLamport(db: Database, lamport: number): void {
  if (lamport > highestLamport(db)) setMeta(db, lamportKey, lamport)
}
