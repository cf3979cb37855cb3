import { type AccountId, bytesOf, type DeviceId, parseAccountBytes, sameBytes } from '@quintet/domain'
import {
  type AccountState,
  activeDevice,
  activeDevices,
  entryHash,
  extendLog,
  type LogFaultKind,
  type ParsedBody,
  parseLogBody,
} from '@quintet/identity'
import {
  type AppendLog,
  FailureCode,
  type LogEntry,
  LogEntrySchema,
  SignedStatementSchema,
  toBinary,
} from '@quintet/wire'
import { type Answer, malformed, notAllowed, pushFrame, rateLimited, refusalOf, refuse } from '../answer.ts'
import { isFromBefore } from '../coming-back.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { closedAccount, suspendedAccount, unknownAccount } from './authenticate.ts'
import type { LiveAccount } from './live-account.ts'
import { clockRefusal, isOff, isStatementOf, tried } from './sign-up.ts'

const dayMs = 24 * 60 * 60 * 1000

type Reply = (answer: Answer) => void

/**
 * Takes one log entry by compare-and-swap on its position (D3), within the owner's caps (D14), and cuts off whom it
 * removes: in the same transaction from what is kept, and from the connection before it answers (R1). The device that
 * asked is answered first, when it removes itself.
 *
 * After a restore any device brings back what the backup did not have (R9): an entry proves itself, by whomever it comes.
 */
export async function appendLog(
  core: RelayCore,
  caller: Caller | undefined,
  call: AppendLog,
  reply: Reply,
): Promise<void> {
  const account = parseAccountBytes(call.account)
  const body = call.entry && parseLogBody(call.entry.body)
  if (account === undefined || call.entry === undefined || body === undefined) return reply(malformed('The log entry'))
  if ('fault' in body) return reply(logFault(body.fault))
  const mayBring = caller !== undefined && (caller.account === account || isFromBefore(core, body.atMs))
  if (body.signer !== 'recovery' && !mayBring) {
    return reply(
      refuse(FailureCode.UNAUTHENTICATED, 'Only a device of the account, or its recovery key, adds to its log.'),
    )
  }
  const { entry, statement } = call
  const taken = await core.accounts.inOrder(account, (live) =>
    extendAccount(core, account, live, { entry, body, statement }),
  )
  if ('answer' in taken) return reply(taken.answer)
  const { live, cuts } = taken
  const { state } = live
  cutOff(
    core,
    cuts.filter((device) => device !== caller?.device),
    state.closed,
  )
  reply(appended(state))
  cutOff(core, cuts, state.closed)
  await announce(core, state)
  if (state.closed) await closeAccount(core, live, core.runtime.clock.now())
}

type Taken = { readonly live: LiveAccount; readonly cuts: readonly DeviceId[] } | { readonly answer: Answer }

interface Extension {
  readonly entry: LogEntry
  readonly body: ParsedBody
  readonly statement: AppendLog['statement']
}

async function extendAccount(
  core: RelayCore,
  account: AccountId,
  live: LiveAccount | undefined,
  { entry, body, statement }: Extension,
): Promise<Taken> {
  if (live === undefined) return { answer: unknownAccount }
  const { state } = live
  if (body.position <= state.head.position) {
    const again = body.position === state.head.position && sameBytes(entryHash(entry), state.head.hash)
    return { answer: again ? appended(state) : taken(state) }
  }
  if (state.closed) return { answer: closedAccount }
  if (live.suspended) return { answer: suspendedAccount }
  const extended = extendLog(state, entry, { maxDevices: core.policy().maxDevices, verify: core.verify })
  if (!extended.ok) {
    return { answer: extended.fault.kind === 'too-many-devices' ? full : logFault(extended.fault.kind) }
  }
  const fromBefore = isFromBefore(core, body.atMs)
  if (isOff(core, body.atMs) && !fromBefore && !isNoEarlier(state, body, core)) return { answer: clockRefusal }
  const now = core.runtime.clock.now()
  // What was lost counts for the day on which it was made.
  const takenAtMs = fromBefore ? Math.min(body.atMs, now) : now
  const recent = live.takenAtMs.filter((at) => Math.abs(now - at) < dayMs)
  const capped = capRefusal(core, state, body, fromBefore ? [] : recent, now)
  if (capped) return { answer: capped }
  const next = extended.state
  const adds = body.operation.kind === 'add' ? body.operation.identity : undefined
  if (adds && statement && !isStatementOf(statement, next, adds.device, adds.logKey)) {
    return { answer: malformed('The statement') }
  }
  const listed = activeDevices(state).map(({ device }) => device)
  const cuts = listed.filter((device) => activeDevice(next, device) === undefined)
  const failed = await tried(
    core.store.accounts.extend({
      account,
      position: Number(body.position),
      entry: toBinary(LogEntrySchema, entry),
      headHash: next.head.hash,
      atMs: takenAtMs,
      adds: adds && { device: adds.device, statement: statement && toBinary(SignedStatementSchema, statement) },
      cuts,
      closes: next.closed,
    }),
  )
  if (failed) {
    core.accounts.drop(account)
    return { answer: failed.code === 'conflict' ? taken(state) : refusalOf(failed) }
  }
  live.state = next
  live.takenAtMs = [...recent, takenAtMs]
  return { live, cuts }
}

/**
 * A log that ends in the future was written when the clocks, the relay's too, were wrong. Nothing that goes on there can
 * be earlier than its end (devlog.proto), so exactly that is taken until time has caught up: otherwise nobody could
 * unlink a device for as long.
 */
function isNoEarlier(state: AccountState, body: ParsedBody, core: RelayCore): boolean {
  return body.atMs === state.headAtMs && state.headAtMs > core.runtime.clock.now()
}

/** D14. What the kit removes, and the end of an account, are never capped: they are how one gets out of trouble. */
function capRefusal(
  core: RelayCore,
  state: AccountState,
  body: ParsedBody,
  recent: readonly number[],
  now: number,
): Answer | undefined {
  const exempt = (body.signer === 'recovery' && body.operation.kind === 'remove') || body.operation.kind === 'close'
  if (exempt) return undefined
  const { logEntriesPerDay, logEntriesPerLife } = core.policy()
  if (Number(state.head.position) + 1 >= logEntriesPerLife) {
    return notAllowed("The account's list of devices has changed as often as this relay allows.")
  }
  const oldest = recent.at(-logEntriesPerDay)
  return oldest !== undefined && recent.length >= logEntriesPerDay ? rateLimited(oldest + dayMs - now) : undefined
}

function cutOff(core: RelayCore, devices: readonly DeviceId[], closed: boolean): void {
  for (const device of devices) {
    const listener = core.hub.device(device)
    if (closed) listener?.dismiss(FailureCode.ACCOUNT_CLOSED, 'This account has been deleted.')
    else listener?.dismiss(FailureCode.UNLINKED, 'This device is no longer part of its account.')
  }
}

/** Tells the account's own devices, and everyone who shares a chat with it. */
async function announce(core: RelayCore, state: AccountState): Promise<void> {
  const value = { account: bytesOf(state.account), head: state.head }
  const frame = pushFrame({ case: 'logChanged', value })
  core.hub.tell(state.account, frame)
  for (const account of await core.store.chats.sharers(state.account)) core.hub.tell(account, frame)
}

async function closeAccount(core: RelayCore, live: LiveAccount, now: number): Promise<void> {
  const { account } = live.state
  if (live.handle) await tried(core.store.handles.release(live.handle, account, now + core.policy().handleRestMs))
  live.handle = undefined
  await tried(core.store.chats.forgetParty(account))
}

const full: Answer = refuse(FailureCode.ACCOUNT_FULL, 'The account has as many devices as this relay allows.')

function appended(state: AccountState): Answer {
  return { case: 'logAppended', value: { head: state.head, atMs: BigInt(state.headAtMs) } }
}

function taken(state: AccountState): Answer {
  return refuse(FailureCode.CONFLICT, 'The log has gone on.', { position: state.head.position })
}

function logFault(fault: LogFaultKind): Answer {
  return refuse(FailureCode.LOG_FAULT, 'The log entry is not valid.', { fault })
}
