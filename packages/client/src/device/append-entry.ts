import { type AccountId, bytesOf, sameBytes } from '@quintet/domain'
import { type AccountState, entryHash, extendLog, type LogFaultKind } from '@quintet/identity'
import { FailureCode, type LogEntry, type SignedStatement } from '@quintet/wire'
import type { Core } from '../core.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { refresh, stateOf } from './directory.ts'
import { logFaultError } from './log-fault-error.ts'
import { storedEntries } from './log-store.ts'

/** How long to wait for the relay when the connection broke in the middle, ms. */
const reconnectMs = 15_000
/** Faults that the relay may name; anything else it says is no reason that a person could use. */
const faults: ReadonlySet<string> = new Set<LogFaultKind>([
  'not-entitled',
  'on-probation',
  'kit-protected',
  'unknown-device',
  'unknown-signer',
  'bad-signature',
  'signer-removed',
  'closed',
  'too-early',
  'too-many-devices',
  'time-backwards',
])

/**
 * Puts one entry at the end of the account's log, if that end is where its signer thought (compare-and-swap).
 *
 * `stands`: accepted and read back (L6). `conflict`: another entry was first; the newest log is here now.
 * Everything else is a ClientError, and nothing changed.
 */
export async function appendEntry(
  core: Core,
  account: AccountId,
  entry: LogEntry,
  by: 'device' | 'kit',
  statement?: SignedStatement,
): Promise<'stands' | 'conflict'> {
  try {
    await core.relay.call(
      'appendLog',
      { account: bytesOf(account), entry, ...(statement && { statement }) },
      'logAppended',
    )
  } catch (error) {
    if (error instanceof ConnectionLost) {
      // Whether it was taken is not known: the log itself tells.
      await core.relay.online(reconnectMs)
    } else if (isFailure(error, FailureCode.LOG_FAULT)) {
      throw logFaultError(parseFault(error.failure.fault), by)
    } else if (!isFailure(error, FailureCode.CONFLICT) && !isFailure(error, FailureCode.STALE)) {
      throw clientErrorOf(error)
    }
  }
  await refresh(core, [account])
  return stands(core, account, entry) ? 'stands' : 'conflict'
}

/** True when the entry is part of the log that is kept here. */
function stands(core: Pick<Core, 'db'>, account: AccountId, entry: LogEntry): boolean {
  const hash = entryHash(entry)
  return storedEntries(core.db, account).some((kept) => sameBytes(entryHash(kept), hash))
}

/** What the log would say with the entry; ClientError when it does not follow from it. */
export function mustExtend(
  state: AccountState,
  entry: LogEntry,
  by: 'device' | 'kit',
  maxDevices: number | undefined,
): AccountState {
  const extended = extendLog(state, entry, maxDevices === undefined ? {} : { maxDevices })
  if (!extended.ok) throw logFaultError(extended.fault.kind, by)
  return extended.state
}

/** How many devices this relay's accounts may have (D14), as far as it told. */
export function maxDevicesOf(core: Pick<Core, 'relay'>): number | undefined {
  return core.relay.greeting?.policy?.maxDevices || undefined
}

/** The newest log of one's own account, fetched now. */
export async function freshState(core: Core, account: AccountId): Promise<AccountState> {
  await refresh(core, [account])
  const state = stateOf(core, account)
  if (state === undefined) throw logFaultError('unknown-operation', 'device')
  return state
}

function parseFault(name: string): LogFaultKind {
  // The relay's own: an entry an hour off its clock.
  if (name === 'clock') return 'time-backwards'
  return faults.has(name) ? (name as LogFaultKind) : 'unknown-operation'
}
