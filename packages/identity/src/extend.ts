import { sameBytes } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import type { AccountState, LogFault, LogFaultKind } from './account-state.ts'
import { applyOperation, distinctKeys, kitDiffers } from './apply.ts'
import { accountIdOf, entryHash, logMessage } from './entry.ts'
import { type ParsedBody, parseLogBody } from './log-body.ts'
import type { CreateOperation, LogOperation, LogSigner } from './operation.ts'
import { denied } from './right.ts'
import { type VerifyFn, verifySignature } from './signature.ts'

export interface LogOptions {
  /**
   * Active devices at most. How many an account may have is the relay's policy (D14: 5, which it passes);
   * a reader only needs a bound.
   */
  readonly maxDevices?: number
  /** Checks signatures in the library's place. */
  readonly verify?: VerifyFn
}

/** The default bound of active devices for readers. */
export const maxDevicesRead = 16

export type Extended =
  | { readonly ok: true; readonly state: AccountState }
  | { readonly ok: false; readonly fault: LogFault }

/**
 * Judges one entry against the log so far; `undefined` = the entry is to be a genesis.
 *
 * Pure. `state` is never changed; a faulty entry leaves the log where it was (D3).
 */
export function extendLog(state: AccountState | undefined, entry: LogEntry, options: LogOptions = {}): Extended {
  const parsed = parseLogBody(entry.body)
  const position = state === undefined ? 0n : state.head.position + 1n
  const fault = (kind: LogFaultKind): Extended => ({ ok: false, fault: { kind, position } })
  if ('fault' in parsed) return fault(parsed.fault)
  if (entry.signature.length !== 64 || entry.$unknown !== undefined) return fault('malformed')
  const { operation } = parsed
  const { maxDevices = maxDevicesRead, verify = verifySignature } = options
  if (operation.kind === 'create') {
    if (state !== undefined) return fault('wrong-position')
    const result = startLog(entry, parsed, operation, verify)
    return typeof result === 'string' ? fault(result) : { ok: true, state: result }
  }
  if (state === undefined) return fault('wrong-position')
  const result = extend(state, entry, parsed, { op: operation, maxDevices, verify })
  return typeof result === 'string' ? fault(result) : { ok: true, state: result }
}

/** D2: the first device signs, has `manage`, and is main. */
function startLog(
  entry: LogEntry,
  body: ParsedBody,
  op: CreateOperation,
  verify: VerifyFn,
): AccountState | LogFaultKind {
  const { identity, recovery } = op
  if (body.signer !== identity.device) return 'unknown-signer'
  if (!distinctKeys(identity) || !kitDiffers(identity, recovery)) return 'key-reused'
  if (!verify(identity.logKey, logMessage(entry.body), entry.signature)) return 'bad-signature'
  if (entry.countersignature.length !== 0) return 'bad-countersignature'
  const { atMs } = body
  const first = {
    ...identity,
    addedAt: 0n,
    addedAtMs: atMs,
    addedBy: 'genesis',
    manage: true,
    manageClaim: false,
    removedAt: undefined,
    removedAtMs: undefined,
  } as const
  return {
    account: accountIdOf(entry),
    head: { position: 0n, hash: entryHash(entry) },
    headAtMs: atMs,
    devices: new Map([[identity.device, first]]),
    main: identity.device,
    recovery,
    closed: false,
  }
}

interface Judging {
  readonly op: LogOperation
  readonly maxDevices: number
  readonly verify: VerifyFn
}

function extend(
  state: AccountState,
  entry: LogEntry,
  body: ParsedBody,
  { op, maxDevices, verify }: Judging,
): AccountState | LogFaultKind {
  const { signer, position, atMs } = body
  if (body.account !== state.account) return 'wrong-account'
  if (position !== state.head.position + 1n) return 'wrong-position'
  if (!sameBytes(body.previous, state.head.hash)) return 'wrong-previous'
  if (state.closed) return 'closed'
  if (atMs < state.headAtMs) return 'time-backwards'
  const key = signingKey(state, signer)
  if (typeof key === 'string') return key
  const message = logMessage(entry.body)
  if (!verify(key, message, entry.signature)) return 'bad-signature'
  const fault = denied(state, signer, op, atMs)
  if (fault !== undefined) return fault
  const change = applyOperation(state, op, { signer, position, atMs, maxDevices })
  if (typeof change === 'string') return change
  if (!countersigned(entry, op, message, verify)) return 'bad-countersignature'
  return { account: state.account, head: { position, hash: entryHash(entry) }, headAtMs: atMs, ...change }
}

function signingKey(state: AccountState, signer: LogSigner): Uint8Array | LogFaultKind {
  if (signer === 'recovery') return state.recovery?.signKey ?? 'unknown-signer'
  const record = state.devices.get(signer)
  if (record === undefined) return 'unknown-signer'
  return record.removedAt === undefined ? record.logKey : 'signer-removed'
}

/** An `add` carries the new device's own signature of the same body; nothing else carries one. */
function countersigned(entry: LogEntry, op: LogOperation, message: Uint8Array, verify: VerifyFn): boolean {
  if (op.kind !== 'add') return entry.countersignature.length === 0
  return verify(op.identity.logKey, message, entry.countersignature)
}
