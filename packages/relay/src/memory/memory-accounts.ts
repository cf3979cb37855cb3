import type { AccountId, DeviceId, Handle } from '@quintet/domain'
import type { AccountStore, NewKeyPackage, StoredSuite, TakenPackage } from '../ports/account-store.ts'
import { StoreError } from '../ports/store.ts'

interface DeviceRow {
  readonly account: AccountId
  active: boolean
  statement: Uint8Array | undefined
  seenMs: number | undefined
  readonly waiting: Record<StoredSuite, NewKeyPackage[]>
  readonly lastResort: Record<StoredSuite, (NewKeyPackage & { readonly atMs: number }) | undefined>
}

interface AccountRow {
  readonly entries: Uint8Array[]
  readonly takenAtMs: number[]
  headHash: Uint8Array
  handle: Handle | undefined
  suspended: boolean
  closed: boolean
  kit: { readonly blob: Uint8Array; readonly atMs: number } | undefined
}

export interface MemoryAccounts extends AccountStore {
  headOf(account: AccountId): { readonly position: number; readonly hash: Uint8Array } | undefined
  copy(): MemoryAccounts
}

function newDevice(account: AccountId, statement: Uint8Array | undefined): DeviceRow {
  const none = { base: undefined, hybrid: undefined }
  const waiting = { base: [], hybrid: [] }
  return { account, active: true, statement, seenMs: undefined, waiting, lastResort: none }
}

export function memoryAccounts(
  rows = new Map<AccountId, AccountRow>(),
  devices = new Map<DeviceId, DeviceRow>(),
): MemoryAccounts {
  const there = (account: AccountId): AccountRow => {
    const row = rows.get(account)
    if (!row) throw new StoreError('conflict', 'no such account')
    return row
  }
  const devicesOf = (account: AccountId): [DeviceId, DeviceRow][] =>
    [...devices].filter(([, row]) => row.account === account && row.active)
  return {
    headOf(account) {
      const row = rows.get(account)
      return row && { position: row.entries.length - 1, hash: row.headHash }
    },
    copy: () => memoryAccounts(structuredClone(rows), structuredClone(devices)),
    async load(account) {
      const row = rows.get(account)
      return row && { account, ...row, entries: [...row.entries], takenAtMs: [...row.takenAtMs] }
    },
    async create({ account, device, handle, entry, headHash, statement, atMs }) {
      if (rows.has(account) || devices.has(device)) throw new StoreError('conflict', 'account')
      const flags = { handle, suspended: false, closed: false, kit: undefined }
      rows.set(account, { entries: [entry], takenAtMs: [atMs], headHash, ...flags })
      devices.set(device, newDevice(account, statement))
    },
    async extend({ account, position, entry, headHash, atMs, adds, cuts, closes }) {
      const row = there(account)
      if (row.entries.length !== position || (adds && devices.has(adds.device))) {
        throw new StoreError('conflict', 'position')
      }
      row.entries.push(entry)
      row.takenAtMs.push(atMs)
      row.headHash = headHash
      if (adds) devices.set(adds.device, newDevice(account, adds.statement))
      for (const device of cuts) devices.set(device, { ...newDevice(account, undefined), active: false })
      if (!closes) return
      row.closed = true
      row.handle = undefined
      row.kit = undefined
    },
    async log(account, fromPosition) {
      const row = rows.get(account)
      const statements = devicesOf(account).flatMap(([, { statement }]) => (statement ? [statement] : []))
      return row && { entries: row.entries.slice(fromPosition), statements }
    },
    async putStatement(account, device, statement) {
      const row = devices.get(device)
      if (row?.account === account && row.active) row.statement = statement
    },
    async setHandle(account, handle) {
      there(account).handle = handle
    },
    async handlesOf(accounts) {
      const found = new Map<AccountId, Handle>()
      for (const account of accounts) {
        const handle = rows.get(account)?.handle
        if (handle) found.set(account, handle)
      }
      return found
    },
    async setSuspended(account, suspended) {
      there(account).suspended = suspended
    },
    async putKeyPackages({ device, suite, packages, lastResort, replace, atMs }) {
      const row = devices.get(device)
      if (!row?.active) throw new StoreError('conflict', 'no such device')
      if (replace) {
        row.waiting[suite] = []
        row.lastResort[suite] = undefined
      }
      row.waiting[suite].push(...packages)
      if (lastResort) row.lastResort[suite] = { ...lastResort, atMs }
    },
    async takeKeyPackages(account, wanted, suite, nowMs) {
      return wanted.flatMap((device): TakenPackage[] => {
        const row = devices.get(device)
        if (row?.account !== account) return []
        row.waiting[suite] = row.waiting[suite].filter(({ notAfterMs }) => notAfterMs > nowMs)
        const next = row.waiting[suite].shift()
        if (next) return [{ device, bytes: next.bytes, lastResort: false }]
        const last = row.lastResort[suite]
        return last && last.notAfterMs > nowMs ? [{ device, bytes: last.bytes, lastResort: true }] : []
      })
    },
    async forgetKeyPackages() {
      for (const { waiting } of devices.values()) {
        waiting.base = []
        waiting.hybrid = []
      }
    },
    async stock(device, suite) {
      const row = devices.get(device)
      return { waiting: row?.waiting[suite].length ?? 0, lastResortAtMs: row?.lastResort[suite]?.atMs }
    },
    async putKitBlob(account, blob, atMs) {
      there(account).kit = { blob, atMs }
    },
    async kitBlob(account) {
      return rows.get(account)?.kit
    },
    async saveSeen(seen) {
      for (const [device, atMs] of seen) {
        const row = devices.get(device)
        if (row?.active) row.seenMs = atMs
      }
    },
    async seen(account) {
      return new Map(devicesOf(account).flatMap(([device, { seenMs }]) => (seenMs ? [[device, seenMs]] : [])))
    },
    async summary(account) {
      const row = rows.get(account)
      if (!row) return undefined
      const counts = { devices: devicesOf(account).length, logEntries: row.entries.length }
      const { handle, suspended, closed } = row
      return { account, handle, suspended, closed, createdAtMs: row.takenAtMs[0] ?? 0, ...counts }
    },
    async count() {
      const open = [...rows.values()].filter(({ closed }) => !closed)
      const active = [...devices.values()].filter(({ active }) => active)
      return {
        accounts: open.length,
        devices: active.length,
        suspended: open.filter(({ suspended }) => suspended).length,
      }
    },
  }
}
