import { type AccountId, bytesOf, type DeviceId, type Handle, parseHandle } from '@quintet/domain'
import type {
  AccountSummary,
  KeyPackageCount,
  StoredAccount,
  StoredInvite,
  StoredLog,
  StoredSuite,
} from '@quintet/relay'
import { blob, int, maybe, type Row, text } from './database.ts'
import { accountIn, deviceIn } from './ids.ts'
import type { ReadContext } from './read-chats.ts'
import { suiteNumbers } from './write-accounts.ts'

function handleIn(row: Row): Handle | undefined {
  const handle = maybe(row, 'handle', text)
  return handle === undefined ? undefined : parseHandle(handle)
}

export function loadAccount({ db }: ReadContext, { account }: { account: AccountId }): StoredAccount | undefined {
  const row = db.get('SELECT key, handle, suspended FROM accounts WHERE id = ?', bytesOf(account))
  if (row === undefined) return undefined
  const sql = 'SELECT entry, at_ms FROM log_entries WHERE account = ? ORDER BY position'
  const entries = db.all(sql, int(row, 'key'))
  return {
    account,
    entries: entries.map((entry) => blob(entry, 'entry')),
    takenAtMs: entries.map((entry) => int(entry, 'at_ms')),
    handle: handleIn(row),
    suspended: int(row, 'suspended') === 1,
  }
}

export function readLog(
  { db }: ReadContext,
  { account, from }: { account: AccountId; from: number },
): StoredLog | undefined {
  const row = db.get('SELECT key FROM accounts WHERE id = ?', bytesOf(account))
  if (row === undefined) return undefined
  const key = int(row, 'key')
  const entries = db.all(
    'SELECT entry FROM log_entries WHERE account = ? AND position >= ? ORDER BY position',
    key,
    from,
  )
  const statements = db.all(
    'SELECT statement FROM devices WHERE account = ? AND active = 1 AND statement IS NOT NULL ORDER BY key',
    key,
  )
  return {
    entries: entries.map((entry) => blob(entry, 'entry')),
    statements: statements.map((statement) => blob(statement, 'statement')),
  }
}

export function readHandles(
  { db }: ReadContext,
  { accounts }: { accounts: readonly AccountId[] },
): ReadonlyMap<AccountId, Handle> {
  const found = new Map<AccountId, Handle>()
  for (const account of accounts) {
    const row = db.get('SELECT handle FROM accounts WHERE id = ?', bytesOf(account))
    const handle = row && handleIn(row)
    if (handle) found.set(account, handle)
  }
  return found
}

export function readStock(
  { db }: ReadContext,
  { device, suite }: { device: DeviceId; suite: StoredSuite },
): KeyPackageCount {
  const row = db.get(
    `SELECT count(*) FILTER (WHERE last_resort = 0) AS waiting, max(at_ms) FILTER (WHERE last_resort = 1) AS last_at_ms
     FROM key_packages WHERE device = (SELECT key FROM devices WHERE id = ?) AND suite = ?`,
    bytesOf(device),
    suiteNumbers[suite],
  )
  return { waiting: row ? int(row, 'waiting') : 0, lastResortAtMs: row && maybe(row, 'last_at_ms', int) }
}

export function readKitBlob(
  { db }: ReadContext,
  { account }: { account: AccountId },
): { blob: Uint8Array; atMs: number } | undefined {
  const sql = 'SELECT blob, at_ms FROM kit_blobs WHERE account = (SELECT key FROM accounts WHERE id = ?)'
  const row = db.get(sql, bytesOf(account))
  return row && { blob: blob(row, 'blob'), atMs: int(row, 'at_ms') }
}

export function readSeen({ db }: ReadContext, { account }: { account: AccountId }): ReadonlyMap<DeviceId, number> {
  const rows = db.all(
    `SELECT id, seen_ms FROM devices WHERE account = (SELECT key FROM accounts WHERE id = ?) AND seen_ms IS NOT NULL`,
    bytesOf(account),
  )
  return new Map(rows.map((row) => [deviceIn(row, 'id'), int(row, 'seen_ms')]))
}

export function readSummary({ db }: ReadContext, { account }: { account: AccountId }): AccountSummary | undefined {
  const row = db.get(
    `SELECT handle, suspended, closed, created_ms, head_position,
       (SELECT count(*) FROM devices WHERE devices.account = accounts.key AND active = 1) AS devices
     FROM accounts WHERE id = ?`,
    bytesOf(account),
  )
  return (
    row && {
      account,
      handle: handleIn(row),
      suspended: int(row, 'suspended') === 1,
      closed: int(row, 'closed') === 1,
      createdAtMs: int(row, 'created_ms'),
      devices: int(row, 'devices'),
      logEntries: int(row, 'head_position') + 1,
    }
  )
}

export function countAccounts({ db }: ReadContext): { accounts: number; devices: number; suspended: number } {
  const row = db.get(
    `SELECT (SELECT count(*) FROM accounts WHERE closed = 0) AS accounts,
       (SELECT count(*) FROM devices JOIN accounts ON accounts.key = devices.account
        WHERE active = 1 AND closed = 0) AS devices,
       (SELECT count(*) FROM accounts WHERE suspended = 1 AND closed = 0) AS suspended`,
  )
  const counts = row ?? {}
  return { accounts: int(counts, 'accounts'), devices: int(counts, 'devices'), suspended: int(counts, 'suspended') }
}

export function readSuspended({ db }: ReadContext): readonly AccountId[] {
  return db.all('SELECT id FROM accounts WHERE suspended = 1').map((row) => accountIn(row, 'id'))
}

export function findHandle({ db }: ReadContext, { handle }: { handle: Handle }): AccountId | undefined {
  const row = db.get('SELECT account FROM handles WHERE handle = ? AND free_at_ms IS NULL', handle)
  return row && accountIn(row, 'account')
}

export function listInvites({ db }: ReadContext): readonly StoredInvite[] {
  return db.all('SELECT * FROM invites ORDER BY created_at_ms').map((row) => ({
    code: text(row, 'code'),
    usesLeft: int(row, 'uses_left'),
    expiresAtMs: maybe(row, 'expires_at_ms', int),
    createdAtMs: int(row, 'created_at_ms'),
  }))
}

export function readSetting({ db }: ReadContext, { key }: { key: string }): string | undefined {
  const row = db.get('SELECT value FROM settings WHERE key = ?', key)
  return row && text(row, 'value')
}

export function readSettings({ db }: ReadContext): ReadonlyMap<string, string> {
  const rows = db.all('SELECT key, value FROM settings')
  return new Map(rows.map((row) => [text(row, 'key'), text(row, 'value')]))
}
