import { bytesOf, type AccountId, type DeviceId, type Handle } from '@quintet/domain'
import type { KeyPackageUpload, LogExtension, NewAccount, StoredSuite, TakenPackage } from '@quintet/relay'
import { StoreError } from '@quintet/relay/store'
import { blob, type Database, int } from './database.ts'
import type { Keys } from './keys.ts'

/** What a write works on. Every write checks what it expects before it changes anything. */
export interface WriteContext {
  readonly db: Database
  readonly keys: Keys
  /** The newest seq of chats, as far as known; emptied by a rollback. */
  readonly heads: Map<number, number>
}

export const suiteNumbers: Readonly<Record<StoredSuite, number>> = { base: 1, hybrid: 2 }

export function createAccount({ db, keys }: WriteContext, row: NewAccount): void {
  const taken = keys.findAccount(row.account) !== undefined || keys.findDevice(row.device) !== undefined
  if (taken) throw new StoreError('conflict', 'account')
  const { key } = db.run(
    'INSERT INTO accounts (id, handle, created_ms, head_position, head_hash) VALUES (?, ?, ?, 0, ?)',
    bytesOf(row.account),
    row.handle,
    row.atMs,
    row.headHash,
  )
  db.run('INSERT INTO log_entries (account, position, at_ms, entry) VALUES (?, 0, ?, ?)', key, row.atMs, row.entry)
  addDevice(db, key, row.device, row.statement)
}

function addDevice(db: Database, account: number, device: DeviceId, statement: Uint8Array | undefined): void {
  const sql = 'INSERT INTO devices (id, account, statement) VALUES (?, ?, ?)'
  db.run(sql, bytesOf(device), account, statement ?? null)
}

export function extendLog({ db, keys }: WriteContext, extension: LogExtension): void {
  const { position, entry, headHash, atMs, adds, cuts, closes } = extension
  const account = keys.account(extension.account)
  const head = db.get('SELECT head_position FROM accounts WHERE key = ?', account)
  const next = head !== undefined && int(head, 'head_position') + 1 === position
  if (!next || (adds && keys.findDevice(adds.device) !== undefined)) throw new StoreError('conflict', 'position')
  const cutKeys = cuts.map((device) => keys.device(device))
  const sql = 'INSERT INTO log_entries (account, position, at_ms, entry) VALUES (?, ?, ?, ?)'
  db.run(sql, account, position, atMs, entry)
  db.run('UPDATE accounts SET head_position = ?, head_hash = ? WHERE key = ?', position, headHash, account)
  if (adds) addDevice(db, account, adds.device, adds.statement)
  for (const device of cutKeys) {
    db.run('UPDATE devices SET active = 0, statement = NULL, seen_ms = NULL WHERE key = ?', device)
    db.run('DELETE FROM key_packages WHERE device = ?', device)
    db.run('UPDATE members SET welcome_seq = NULL WHERE device = ?', device)
  }
  if (!closes) return
  db.run('UPDATE accounts SET closed = 1, handle = NULL WHERE key = ?', account)
  db.run('DELETE FROM kit_blobs WHERE account = ?', account)
}

export function putStatement(
  { db, keys }: WriteContext,
  { account, device, statement }: { account: AccountId; device: DeviceId; statement: Uint8Array },
): void {
  const sql = 'UPDATE devices SET statement = ? WHERE key = ? AND account = ? AND active = 1'
  db.run(sql, statement, keys.device(device), keys.account(account))
}

export function setHandle(
  { db, keys }: WriteContext,
  { account, handle }: { account: AccountId; handle: Handle | undefined },
): void {
  db.run('UPDATE accounts SET handle = ? WHERE key = ?', handle ?? null, keys.account(account))
}

export function setSuspended(
  { db, keys }: WriteContext,
  { account, suspended }: { account: AccountId; suspended: boolean },
): void {
  db.run('UPDATE accounts SET suspended = ? WHERE key = ?', Number(suspended), keys.account(account))
}

export function putKeyPackages({ db, keys }: WriteContext, upload: KeyPackageUpload): void {
  const device = keys.device(upload.device)
  if (!db.get('SELECT 1 FROM devices WHERE key = ? AND active = 1', device)) throw new StoreError('conflict', 'device')
  const suite = suiteNumbers[upload.suite]
  if (upload.replace) db.run('DELETE FROM key_packages WHERE device = ? AND suite = ?', device, suite)
  const sql =
    'INSERT INTO key_packages (device, suite, last_resort, not_after_ms, at_ms, bytes) VALUES (?, ?, ?, ?, ?, ?)'
  for (const { bytes, notAfterMs } of upload.packages) db.run(sql, device, suite, 0, notAfterMs, upload.atMs, bytes)
  if (upload.lastResort === undefined) return
  db.run('DELETE FROM key_packages WHERE device = ? AND suite = ? AND last_resort = 1', device, suite)
  db.run(sql, device, suite, 1, upload.lastResort.notAfterMs, upload.atMs, upload.lastResort.bytes)
}

export function forgetKeyPackages({ db }: WriteContext): void {
  db.run('DELETE FROM key_packages WHERE last_resort = 0')
}

export function takeKeyPackages(
  { db, keys }: WriteContext,
  take: { account: AccountId; devices: readonly DeviceId[]; suite: StoredSuite; nowMs: number },
): readonly TakenPackage[] {
  const account = keys.account(take.account)
  const suite = suiteNumbers[take.suite]
  return take.devices.flatMap((id): TakenPackage[] => {
    const device = keys.findDevice(id)
    if (device === undefined) return []
    const own = db.get('SELECT 1 FROM devices WHERE key = ? AND account = ? AND active = 1', device, account)
    if (own === undefined) return []
    const dead = 'DELETE FROM key_packages WHERE device = ? AND suite = ? AND last_resort = 0 AND not_after_ms <= ?'
    db.run(dead, device, suite, take.nowMs)
    const row = db.get(
      `SELECT key, last_resort, bytes FROM key_packages WHERE device = ? AND suite = ? AND not_after_ms > ?
       ORDER BY last_resort, key LIMIT 1`,
      device,
      suite,
      take.nowMs,
    )
    if (row === undefined) return []
    const lastResort = int(row, 'last_resort') === 1
    if (!lastResort) db.run('DELETE FROM key_packages WHERE key = ?', int(row, 'key'))
    return [{ device: id, bytes: blob(row, 'bytes'), lastResort }]
  })
}

export function putKitBlob(
  { db, keys }: WriteContext,
  kit: { account: AccountId; blob: Uint8Array; atMs: number },
): void {
  const sql = 'INSERT OR REPLACE INTO kit_blobs (account, at_ms, blob) VALUES (?, ?, ?)'
  db.run(sql, keys.account(kit.account), kit.atMs, kit.blob)
}

export function saveSeen({ db, keys }: WriteContext, seen: ReadonlyMap<DeviceId, number>): void {
  for (const [id, atMs] of seen) {
    const device = keys.findDevice(id)
    if (device !== undefined) db.run('UPDATE devices SET seen_ms = ? WHERE key = ? AND active = 1', atMs, device)
  }
}
