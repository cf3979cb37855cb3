import { type AccountId, bytesOf } from '@quintet/domain'
import {
  type AccountState,
  compareHeads,
  continueLog,
  entryHash,
  forkOf,
  type LogHead,
  replayLog,
} from '@quintet/identity'
import { sameBytes } from '@quintet/domain'
import { type AccountLog, fromBinary, type LogEntry, LogEntrySchema, toBinary } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { ask } from '../relay/ask.ts'
import { recordFault } from '../store/fault.ts'
import { accountOf, numberOf, optionalBlob, textOf } from '../store/row.ts'
import { wasRestored } from './incarnation.ts'
import { deviceEvent } from './log-event.ts'
import { stateStored, storedEntries, storedState, storeLog } from './log-store.ts'
import { keepStatements } from './statement-store.ts'

/** Logs per request (relay.proto). */
const batch = 256
/** Beyond this no log goes (D14: 512 entries per life); whoever names such a head is not believed. */
const lastPosition = 100_000n

/** What the newest log known here says of an account; undefined when none was fetched yet. Replayed once, then from memory. */
export function stateOf(core: Pick<Core, 'db'>, account: AccountId): AccountState | undefined {
  return storedState(core.db, account)
}

/**
 * Fetches what is new in these accounts' logs, verifies it and keeps it.
 *
 * A log that is shorter than, or does not go through, the head kept here is not accepted and recorded as a fault (D11, D12).
 * Fails as the relay does (ClientError); an account that the relay does not know is left as it was.
 */
export async function refresh(core: Core, accounts: readonly AccountId[]): Promise<void> {
  const wanted = [...new Set(accounts)]
  // An answer that is full leaves out the last of those asked for; one that gives none at all has none.
  for (let at = 0, given = 1; at < wanted.length && given > 0; at += given)
    given = await refreshBatch(core, wanted.slice(at, at + batch))
}

/** Answers how many of them the relay spoke of. */
async function refreshBatch(core: Core, accounts: readonly AccountId[]): Promise<number> {
  // The entry at the kept head is asked for again: without it a rollback would look like "nothing new" (D12).
  const asked = accounts.map((account) => ({
    account: bytesOf(account),
    fromPosition: stateOf(core, account)?.head.position ?? 0n,
  }))
  const told = accounts.map((account) => toldPosition(core, account))
  const { logs } = await ask(core, 'logs', { accounts: asked }, 'logs')
  const answers = accounts.flatMap((account, at) => {
    const log = logs[at]
    if (log === undefined || log.unknown || !sameBytes(log.account, bytesOf(account))) return []
    return [judge(core, account, log, told[at] ?? -1)]
  })
  // One transaction for all: to flush the disk for each would take longer than all the rest.
  core.write((emit) => {
    for (const answer of answers) keep(core, answer, emit)
  })
  for (const { state } of answers) if (state !== undefined) stateStored(core.db, state)
  return Math.min(logs.length, accounts.length)
}

function toldPosition(core: Pick<Core, 'db'>, account: AccountId): number {
  const row = core.db.get('select told_position from account where account = ?', account)
  return row === undefined ? -1 : numberOf(row, 'told_position')
}

/** What an account's answer comes to; nothing is kept of it yet. `told`: how far the relay had said that it goes, before. */
interface Answer {
  readonly account: AccountId
  readonly log: AccountLog
  readonly told: number
  readonly before: AccountState | undefined
  readonly judged: Judged
  /** Undefined where nothing of it can be believed. */
  readonly state: AccountState | undefined
  readonly fault: boolean
}

function judge(core: Core, account: AccountId, log: AccountLog, told: number): Answer {
  // Read again: another refresh may have come first.
  const before = stateOf(core, account)
  const judged: Judged =
    before === undefined ? { kind: 'extends', fresh: log.entries } : afterPin(core, before, log.entries)
  const common = { account, log, told, before, judged }
  if (judged.kind !== 'extends') return { ...common, state: undefined, fault: false }
  const { state, fault } =
    before === undefined ? replayLog(judged.fresh, { account }) : continueLog(before, judged.fresh)
  return { ...common, state, fault: fault !== undefined }
}

/** In a transaction. */
function keep(core: Core, answer: Answer, emit: (event: ClientEvent) => void): void {
  const { account, log, told, before, judged, state, fault } = answer
  if (judged.kind !== 'extends') {
    recordLogFault(core, account, judged)
    return
  }
  if (fault) recordFault(core.db, 'log-fault', account, core.clock.now())
  if (state === undefined) return
  const kept = judged.fresh.slice(0, Number(state.head.position - (before?.head.position ?? -1n)))
  // What it has it has shown: its own word that there is more is none that holds anything for good.
  if (!fault && told >= 0)
    core.db.run('update account set told_position = -1 where account = ? and told_position <= ?', account, told)
  if (kept.length > 0) storeLog(core.db, state, kept)
  keepStatements(core, state, log.statements)
  for (const event of ownEvents(core, account, before, kept)) emit(event)
}

type Judged =
  | { readonly kind: 'extends'; readonly fresh: readonly LogEntry[] }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'fork'; readonly proof: readonly [LogEntry, LogEntry] | undefined }

/** Whether the answer goes through the head that is kept; the entries after it. The answer may begin before the head. */
function afterPin(core: Core, before: AccountState, entries: readonly LogEntry[]): Judged {
  const at = entries.findIndex((entry) => sameBytes(entryHash(entry), before.head.hash))
  if (at >= 0) return { kind: 'extends', fresh: entries.slice(at + 1) }
  const other = entries[0]
  if (other === undefined) return { kind: 'rollback' }
  const [own] = storedEntries(core.db, before.account, Number(before.head.position))
  const earlier = storedEntries(core.db, before.account).slice(0, Number(before.head.position))
  const common = earlier.length === 0 ? undefined : replayLog(earlier).state
  const proof = own === undefined ? undefined : forkOf(common, own, other)
  return { kind: 'fork', proof: proof === undefined ? undefined : [proof.a, proof.b] }
}

function recordLogFault(core: Core, account: AccountId, judged: Exclude<Judged, { kind: 'extends' }>): void {
  // A relay restored from a backup has lost the end of the log and says so by its incarnation: no lie (R9).
  if (judged.kind === 'rollback' && wasRestored(core)) return
  const kind = judged.kind === 'fork' ? 'log-fork' : 'log-rollback'
  recordFault(core.db, kind, account, core.clock.now())
  core.db.run('update account set fault = ? where account = ?', judged.kind, account)
  if (judged.kind !== 'fork' || judged.proof === undefined) return
  const [a, b] = judged.proof.map((entry) => toBinary(LogEntrySchema, entry))
  // Kept whole: whoever is shown both needs nobody's word (D11).
  if (a !== undefined && b !== undefined) {
    const detail = new Uint8Array(4 + a.length + b.length)
    new DataView(detail.buffer).setUint32(0, a.length)
    detail.set(a, 4)
    detail.set(b, 4 + a.length)
    core.db.run('update fault set detail = ? where kind = ? and subject = ?', detail, kind, account)
  }
}

/** One's own devices are told of every change; what is there from the start is no news. */
function ownEvents(
  core: Core,
  account: AccountId,
  before: AccountState | undefined,
  kept: readonly LogEntry[],
): readonly ClientEvent[] {
  if (before === undefined || core.own()?.account !== account) return []
  return kept.flatMap((entry) => deviceEvent(entry) ?? [])
}

/**
 * A head that somebody told of (D10). `ahead` makes the account one that is `behind` until `refresh` has caught up;
 * `forked` is recorded: whoever told it has seen another log at that position.
 */
export function noteHead(
  core: Pick<Core, 'db' | 'clock'>,
  account: AccountId,
  head: LogHead,
): 'same' | 'ahead' | 'behind' | 'forked' {
  const known = stateOf(core, account)
  const standing = known === undefined ? 'ahead' : compareHeads(known.head, head)
  if (standing === 'ahead' && head.position <= lastPosition)
    core.db.run(
      'insert into account (account, seen_position) values (?, ?) on conflict (account) do update set seen_position = max(seen_position, excluded.seen_position)',
      account,
      Number(head.position),
    )
  if (standing === 'forked') recordFault(core.db, 'log-forked-view', account, core.clock.now())
  return standing
}

/**
 * A head that the relay alone tells of (D10): the log is fetched before the next send. Its word proves nothing: another
 * entry than the kept one at a position is a fork when it has shown that entry (D11).
 */
export function noteToldHead(core: Pick<Core, 'db' | 'clock'>, account: AccountId, head: LogHead): void {
  const known = stateOf(core, account)
  const standing = known === undefined ? 'ahead' : compareHeads(known.head, head)
  if (standing === 'same' || standing === 'behind' || head.position > lastPosition) return
  core.db.run(
    'insert into account (account, told_position) values (?, ?) on conflict (account) do update set told_position = excluded.told_position',
    account,
    Number(head.position) + (standing === 'forked' ? 1 : 0),
  )
}

/** Which of these accounts have a log that is known to go on beyond what is kept here. */
export function behind(core: Pick<Core, 'db'>, accounts: readonly AccountId[]): readonly AccountId[] {
  const late = new Set(behindNow(core))
  return accounts.filter((account) => late.has(account))
}

/** All of whom more is known to have happened than was fetched. */
export function behindNow(core: Pick<Core, 'db'>): readonly AccountId[] {
  return core.db
    .all('select account from account where seen_position > position or told_position > position')
    .map((row) => accountOf(row, 'account'))
}

/**
 * True when there are two entries for one place of the account's log: both are kept, or one of its devices names
 * another than the relay shows. Nothing is sealed to the account until that is cleared up (D11).
 *
 * A proof that a sibling passed on counts if it is one: a device that was phished could else silence all of one's chats.
 */
export function isDisputed(core: Pick<Core, 'db'>, account: AccountId): boolean {
  return core.db
    .all("select kind, detail from fault where subject = ? and kind in ('log-forked-view', 'log-fork')", account)
    .some((row) => {
      if (textOf(row, 'kind') === 'log-forked-view') return true
      const proof = optionalBlob(row, 'detail')
      return proof !== undefined && provesFork(core, account, proof)
    })
}

/** Whether two entries follow one and the same place of the log that is kept here. */
function provesFork(core: Pick<Core, 'db'>, account: AccountId, proof: Uint8Array): boolean {
  const pair = forkPair(proof)
  if (pair === undefined) return false
  const entries = storedEntries(core.db, account)
  let common: AccountState | undefined
  for (let at = 0; at <= entries.length; at++) {
    if (forkOf(common, ...pair)?.position === BigInt(at)) return common !== undefined || isGenesisOf(account, pair[0])
    const next = entries[at]
    if (next === undefined) return false
    common = common === undefined ? replayLog([next], { account }).state : continueLog(common, [next]).state
  }
  return false
}

function isGenesisOf(account: AccountId, entry: LogEntry): boolean {
  return replayLog([entry], { account }).state !== undefined
}

function forkPair(proof: Uint8Array): readonly [LogEntry, LogEntry] | undefined {
  if (proof.length < 4) return undefined
  const length = new DataView(proof.buffer, proof.byteOffset).getUint32(0)
  try {
    const [a, b] = [proof.subarray(4, 4 + length), proof.subarray(4 + length)]
    return [fromBinary(LogEntrySchema, a), fromBinary(LogEntrySchema, b)]
  } catch {
    return undefined
  }
}
