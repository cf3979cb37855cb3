import { type AccountId, bytesOf, type Handle, sameBytes } from '@quintet/domain'
import type { StoredInvite } from '@quintet/relay'
import { StoreError } from '@quintet/relay/store'
import { blob, int, maybe } from './database.ts'
import type { WriteContext } from './write-accounts.ts'

export function claimHandle(
  { db }: WriteContext,
  { handle, account, nowMs }: { handle: Handle; account: AccountId; nowMs: number },
): void {
  const row = db.get('SELECT account, free_at_ms FROM handles WHERE handle = ?', handle)
  if (row) {
    const freeAtMs = maybe(row, 'free_at_ms', int)
    const free = sameBytes(blob(row, 'account'), bytesOf(account)) || (freeAtMs !== undefined && freeAtMs <= nowMs)
    if (!free) throw new StoreError('conflict', 'handle')
  }
  db.run('INSERT OR REPLACE INTO handles (handle, account, free_at_ms) VALUES (?, ?, NULL)', handle, bytesOf(account))
}

export function releaseHandle(
  { db }: WriteContext,
  { handle, account, freeAtMs }: { handle: Handle; account: AccountId; freeAtMs: number },
): void {
  db.run('UPDATE handles SET free_at_ms = ? WHERE handle = ? AND account = ?', freeAtMs, handle, bytesOf(account))
}

export function createInvite({ db }: WriteContext, invite: StoredInvite): void {
  const { code, usesLeft, expiresAtMs, createdAtMs } = invite
  const sql = 'INSERT INTO invites (code, uses_left, expires_at_ms, created_at_ms) VALUES (?, ?, ?, ?)'
  db.run(sql, code, usesLeft, expiresAtMs ?? null, createdAtMs)
}

export function useInvite({ db }: WriteContext, { code, nowMs }: { code: string; nowMs: number }): void {
  const { changes } = db.run(
    `UPDATE invites SET uses_left = uses_left - 1
     WHERE code = ? AND uses_left > 0 AND (expires_at_ms IS NULL OR expires_at_ms > ?)`,
    code,
    nowMs,
  )
  if (changes === 0) throw new StoreError('conflict', 'invite')
}

export function giveBackInvite({ db }: WriteContext, { code }: { code: string }): void {
  db.run('UPDATE invites SET uses_left = uses_left + 1 WHERE code = ?', code)
}

export function revokeInvite({ db }: WriteContext, { code }: { code: string }): boolean {
  return db.run('DELETE FROM invites WHERE code = ?', code).changes > 0
}

export function setSetting({ db }: WriteContext, { key, value }: { key: string; value: string | undefined }): void {
  if (value === undefined) db.run('DELETE FROM settings WHERE key = ?', key)
  else db.run('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)', key, value)
}
