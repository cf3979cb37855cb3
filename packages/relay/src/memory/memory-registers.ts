import type { AccountId, Handle } from '@quintet/domain'
import type { HandleStore } from '../ports/handle-store.ts'
import type { InviteStore, StoredInvite } from '../ports/invite-store.ts'
import type { SettingStore } from '../ports/setting-store.ts'
import { StoreError } from '../ports/store.ts'

/** One of these registers, and a way to another one that begins as it stands. */
type Copied<Store> = Store & { copy(): Copied<Store> }

interface HandleRow {
  account: AccountId
  freeAtMs: number | undefined
}

export function memoryHandles(rows = new Map<Handle, HandleRow>()): Copied<HandleStore> {
  return {
    copy: () => memoryHandles(structuredClone(rows)),
    async claim(handle, account, nowMs) {
      const row = rows.get(handle)
      const free = !row || row.account === account || (row.freeAtMs !== undefined && row.freeAtMs <= nowMs)
      if (!free) throw new StoreError('conflict', 'handle')
      rows.set(handle, { account, freeAtMs: undefined })
    },
    async release(handle, account, freeAtMs) {
      const row = rows.get(handle)
      if (row?.account === account) row.freeAtMs = freeAtMs
    },
    async find(handle) {
      const row = rows.get(handle)
      return row && row.freeAtMs === undefined ? row.account : undefined
    },
  }
}

export function memoryInvites(rows = new Map<string, StoredInvite>()): Copied<InviteStore> {
  const addUses = (code: string, uses: number): void => {
    const row = rows.get(code)
    if (row) rows.set(code, { ...row, usesLeft: row.usesLeft + uses })
  }
  return {
    copy: () => memoryInvites(new Map(rows)),
    async create(invite) {
      rows.set(invite.code, invite)
    },
    async use(code, nowMs) {
      const row = rows.get(code)
      const counts = row && row.usesLeft > 0 && (row.expiresAtMs === undefined || row.expiresAtMs > nowMs)
      if (!counts) throw new StoreError('conflict', 'invite')
      addUses(code, -1)
    },
    async giveBack(code) {
      addUses(code, 1)
    },
    async list() {
      return [...rows.values()]
    },
    async revoke(code) {
      return rows.delete(code)
    },
  }
}

export function memorySettings(rows = new Map<string, string>()): Copied<SettingStore> {
  return {
    copy: () => memorySettings(new Map(rows)),
    async get(key) {
      return rows.get(key)
    },
    async set(key, value) {
      if (value === undefined) rows.delete(key)
      else rows.set(key, value)
    },
    async all() {
      return new Map(rows)
    },
  }
}
