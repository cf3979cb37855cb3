import { type AccountId, type DeviceId, sameBytes } from '@quintet/domain'
import { type AccountState, replayLog } from '@quintet/identity'
import {
  fromBinary,
  type LogEntry,
  LogEntrySchema,
  type SignedStatement,
  SignedStatementSchema,
  toBinary,
} from '@quintet/wire'
import { type Database, DatabaseError } from '../ports.ts'
import { blobOf, optionalBlob } from '../store/row.ts'
import { decodeState, encodeState } from './state-blob.ts'

/** Replayed logs by database: a log is verified once per run, then extended. */
const replayed = new WeakMap<Database, Map<AccountId, AccountState>>()

function statesOf(db: Database): Map<AccountId, AccountState> {
  const known = replayed.get(db)
  if (known !== undefined) return known
  const made = new Map<AccountId, AccountState>()
  replayed.set(db, made)
  return made
}

/** What the stored log of an account says; undefined when none is stored. */
export function storedState(db: Database, account: AccountId): AccountState | undefined {
  const states = statesOf(db)
  const known = states.get(account)
  if (known !== undefined) return known
  const cached = cachedState(db, account)
  if (cached !== undefined) {
    states.set(account, cached)
    return cached
  }
  const entries = storedEntries(db, account)
  if (entries.length === 0) return undefined
  const { state, fault } = replayLog(entries, { account })
  if (state === undefined || fault !== undefined)
    throw new DatabaseError('damaged', 'a stored device log does not replay')
  states.set(account, state)
  return state
}

/** The state as it was stored beside the head, if it is of that head. */
function cachedState(db: Database, account: AccountId): AccountState | undefined {
  const row = db.get('select hash, state_blob from account where account = ? and position >= 0', account)
  const blob = row && optionalBlob(row, 'state_blob')
  if (row === undefined || blob === undefined) return undefined
  const state = decodeState(blob)
  return state !== undefined && state.account === account && sameBytes(state.head.hash, blobOf(row, 'hash'))
    ? state
    : undefined
}

/** The stored entries from `from` on, in order. */
export function storedEntries(db: Database, account: AccountId, from = 0): readonly LogEntry[] {
  const rows = db.all(
    'select entry from log_entry where account = ? and position >= ? order by position',
    account,
    from,
  )
  return rows.map((row) => fromBinary(LogEntrySchema, blobOf(row, 'entry')))
}

/**
 * Keeps entries that lead to `state`, verified by the caller. To be called inside a transaction;
 * `stateStored` follows once it has committed, or memory would be ahead of the disk.
 */
export function storeLog(db: Database, state: AccountState, entries: readonly LogEntry[]): void {
  const head = Number(state.head.position)
  const first = head - entries.length + 1
  for (const [at, entry] of entries.entries())
    db.run(
      'insert into log_entry (account, position, entry) values (?, ?, ?)',
      state.account,
      first + at,
      toBinary(LogEntrySchema, entry),
    )
  db.run(
    `insert into account (account, position, hash, state_blob, seen_position, closed) values (?1, ?2, ?3, ?4, ?2, ?5)
     on conflict (account) do update set position = ?2, hash = ?3, state_blob = ?4, seen_position = max(seen_position, ?2), closed = ?5`,
    state.account,
    head,
    state.head.hash,
    encodeState(state),
    state.closed ? 1 : 0,
  )
}

/** The transaction that stored it has committed. */
export function stateStored(db: Database, state: AccountState): void {
  const states = statesOf(db)
  const known = states.get(state.account)
  if (known === undefined || known.head.position < state.head.position) states.set(state.account, state)
}

/** The statement kept for a device: the one with the highest counter seen (D5). */
export function storedStatement(db: Database, account: AccountId, device: DeviceId): SignedStatement | undefined {
  const row = db.get('select signed from statement where account = ? and device = ?', account, device)
  return row === undefined ? undefined : fromBinary(SignedStatementSchema, blobOf(row, 'signed'))
}

export function storeStatement(
  db: Database,
  of: { readonly account: AccountId; readonly device: DeviceId; readonly counter: bigint },
  signed: SignedStatement,
): void {
  db.run(
    `insert into statement (account, device, counter, signed) values (?, ?, ?, ?)
     on conflict (account, device) do update set counter = excluded.counter, signed = excluded.signed`,
    of.account,
    of.device,
    Number(of.counter),
    toBinary(SignedStatementSchema, signed),
  )
}
