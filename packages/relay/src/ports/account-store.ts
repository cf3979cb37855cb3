import type { AccountId, DeviceId, Handle } from '@quintet/domain'

/** The suites' names, as key packages are kept under them. */
export type StoredSuite = 'base' | 'hybrid'

export interface StoredAccount {
  readonly account: AccountId
  /** The device log: encoded LogEntries from the genesis on. */
  readonly entries: readonly Uint8Array[]
  /** When the relay took each entry (D14). */
  readonly takenAtMs: readonly number[]
  readonly handle: Handle | undefined
  readonly suspended: boolean
}

export interface NewAccount {
  readonly account: AccountId
  readonly device: DeviceId
  readonly handle: Handle
  readonly entry: Uint8Array
  readonly headHash: Uint8Array
  readonly statement: Uint8Array | undefined
  readonly atMs: number
}

/** One more log entry and all that follows from it at once (R1). */
export interface LogExtension {
  readonly account: AccountId
  /** Its position: the store refuses with `conflict` unless it is the next. */
  readonly position: number
  readonly entry: Uint8Array
  readonly headHash: Uint8Array
  readonly atMs: number
  readonly adds: { readonly device: DeviceId; readonly statement: Uint8Array | undefined } | undefined
  /** Devices cut off: their key packages, statements and last-seen times go. */
  readonly cuts: readonly DeviceId[]
  /** The account ends: all that is kept for it goes, the log itself excepted (D15). */
  readonly closes: boolean
}

export interface StoredLog {
  readonly entries: readonly Uint8Array[]
  /** Encoded SignedStatements of the listed devices. */
  readonly statements: readonly Uint8Array[]
}

export interface NewKeyPackage {
  readonly bytes: Uint8Array
  readonly notAfterMs: number
}

export interface KeyPackageUpload {
  readonly account: AccountId
  readonly device: DeviceId
  readonly suite: StoredSuite
  readonly packages: readonly NewKeyPackage[]
  readonly lastResort: NewKeyPackage | undefined
  /** Forget those of this suite first, the last-resort one too. */
  readonly replace: boolean
  readonly atMs: number
}

export interface TakenPackage {
  readonly device: DeviceId
  readonly bytes: Uint8Array
  readonly lastResort: boolean
}

export interface KeyPackageCount {
  readonly waiting: number
  readonly lastResortAtMs: number | undefined
}

export interface AccountSummary {
  readonly account: AccountId
  readonly handle: Handle | undefined
  readonly suspended: boolean
  readonly closed: boolean
  readonly createdAtMs: number
  readonly devices: number
  readonly logEntries: number
}

export interface AccountStore {
  load(account: AccountId): Promise<StoredAccount | undefined>
  /** `conflict` when the account is there already. */
  create(account: NewAccount): Promise<void>
  extend(extension: LogExtension): Promise<void>
  /** Undefined for an account that is not there. */
  log(account: AccountId, fromPosition: number): Promise<StoredLog | undefined>
  putStatement(account: AccountId, device: DeviceId, statement: Uint8Array): Promise<void>
  setHandle(account: AccountId, handle: Handle | undefined): Promise<void>
  handlesOf(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, Handle>>
  setSuspended(account: AccountId, suspended: boolean): Promise<void>
  putKeyPackages(upload: KeyPackageUpload): Promise<void>
  /** One for each device that has any, oldest first, each handed out once; the last-resort one stays (K2, K4). */
  takeKeyPackages(
    account: AccountId,
    devices: readonly DeviceId[],
    suite: StoredSuite,
    nowMs: number,
  ): Promise<readonly TakenPackage[]>
  /** All but the last-resort ones, of all devices. */
  forgetKeyPackages(): Promise<void>
  stock(device: DeviceId, suite: StoredSuite): Promise<KeyPackageCount>
  putKitBlob(account: AccountId, blob: Uint8Array, atMs: number): Promise<void>
  kitBlob(account: AccountId): Promise<{ readonly blob: Uint8Array; readonly atMs: number } | undefined>
  saveSeen(seen: ReadonlyMap<DeviceId, number>): Promise<void>
  seen(account: AccountId): Promise<ReadonlyMap<DeviceId, number>>
  summary(account: AccountId): Promise<AccountSummary | undefined>
  count(): Promise<{ readonly accounts: number; readonly devices: number; readonly suspended: number }>
}
