import { bytesOf, parseCredential, sameBytes } from '@quintet/domain'
import type { GroupView } from '@quintet/crypto'
import { activeDevice, activeDevices } from '@quintet/identity'
import { type CommitAad, CommitAadSchema, type Entry, fromBinary } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { infoSnapshotBody, mayOweInfo } from '../content/info-snapshot.ts'
import { noteHead, stateOf } from '../device/directory.ts'
import { judgeCommit } from '../policy/judge-commit.ts'
import { isAdmin, type Policy } from '../policy/policy.ts'
import { recordFault } from '../store/fault.ts'
import { blobOf, numberOf } from '../store/row.ts'
import { raiseFloor } from '../selfstate/floor.ts'
import { noteEpoch } from './confirm.ts'
import { floorOfView } from './floor.ts'
import { forgetIntents, forgetIntentsOf } from './intent.ts'
import { groupView, noteOtherRepair } from './repair.ts'
import { enqueue } from './outbox.ts'
import { queueSelfOps } from './self-ops.ts'
import { keepSpent, spentIntents } from './spent-intents.ts'
import type { Taking } from './taking.ts'
import { accountsOf, chatRecord, type ChatRecord, keepPolicy, policyOf, setChat } from './record.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The device's own commit has its place in the log: now it is merged (C9). Undefined when it is not one's own. */
export function takeOwnCommit(
  core: Core,
  record: ChatRecord,
  entry: Entry,
  emit: (event: ClientEvent) => void,
): Taking | undefined {
  const pending = core.db.get('select * from pending_commit where chat = ? and scratch = 0', record.chat)
  if (pending === undefined || !sameBytes(blobOf(pending, 'message'), entry.message)) return undefined
  const view = core.engine().mergePending(bytesOf(record.chat))
  core.db.run('delete from pending_commit where chat = ?', record.chat)
  noteEpoch(core, record.chat, view)
  const seq = numberOf(pending, 'epoch') === 0 ? 0 : Number(entry.seq)
  const before = policyOf(record)
  keepPolicy(core.db, core.mustOwn().account, record.chat, view.policy, seq)
  const spent = before === undefined ? [] : intentsOfGone(core, record, before, Number(entry.seq))
  keepSpent(core.db, record.chat, spent)
  tellNewcomers(core, record, before)
  // Leaves are refreshed every 7 days of use, jittered (P2).
  const jitter = 0.8 + 0.4 * ((core.random.bytes(1)[0] ?? 0) / 255)
  setChat(core.db, record.chat, {
    epoch: Number(view.epoch),
    update_due: Math.trunc(core.relayNow() + 7 * dayMs * jitter),
  })
  tellFloor(core, record, view)
  emit({ event: 'chat', chat: record.chat, change: 'members' })
  return { kind: 'taken' }
}

/**
 * M2: newcomers are told what the group is called, also where a crash came between the commit and its place in the log;
 * and those of whoever is put out, who may not have come to say it.
 */
function tellNewcomers(core: Core, record: ChatRecord, before: Policy | undefined): void {
  const now = chatRecord(core.db, record.chat)
  const after = now && policyOf(now)
  if (record.kind !== 'group' || before === undefined || after === undefined) return
  const came = [...after.members.keys()].some((account) => !before.members.has(account))
  const untold = [...before.members.keys()].some(
    (account) => !after.members.has(account) && mayOweInfo(core.db, record.chat, account),
  )
  const says = came || (untold && isAdmin(after, core.mustOwn().account))
  const info = says ? infoSnapshotBody(core.db, record.chat) : undefined
  if (info !== undefined) enqueue(core, record.chat, info, { content: false })
}

/** C8: a device that is being linked meanwhile may enter at this epoch and write at once, as its siblings have been there. */
function tellFloor(core: Core, record: ChatRecord, view: GroupView): void {
  const own = core.mustOwn()
  const log = stateOf(core, own.account)
  if (record.kind === 'self' || log === undefined || activeDevices(log).length === 1) return
  queueSelfOps(core, [raiseFloor(core.db, own, floorOfView(core, record.chat, view))])
}

/** Another device's commit: opened, judged whole by C5, then merged, or the chat stays where it is (C12). */
export function takeCommit(
  core: Core,
  record: ChatRecord,
  entry: Entry,
  emit: (event: ClientEvent) => void,
  lastTry: boolean,
): Taking {
  const group = bytesOf(record.chat)
  const engine = core.engine()
  if (engine.hasPending(group)) dropPending(core, record)
  const view = groupView(core, record.chat)
  const policy = policyOf(record)
  const opened = engine.open(group, entry.message, BigInt(Math.floor(Number(entry.atMs) / 1000)))
  if (opened.kind !== 'commit' || policy === undefined) return block(core, record, undefined, emit, 'no-commit')
  const named = new Set(policy.members.keys())
  for (const leaf of [opened.view.committer, ...opened.view.adds]) {
    const account = parseCredential(leaf.credential)?.account
    if (account !== undefined) named.add(account)
  }
  const spent = spentIntents(core.db, record.chat)
  const verdict = judgeCommit({
    chat: record.chat,
    leaves: view.leaves,
    commit: opened.view,
    accounts: accountsOf(core, named),
    atMs: Number(entry.atMs),
    spentIntents: spent,
  })
  if (verdict.kind !== 'allowed' && !lastTry) {
    // Nobody is blocked for knowing more: an account may have ended, or a device be off its log, unheard of here as yet.
    engine.discardStaged(group, opened.staged)
    return { kind: 'need', accounts: verdict.kind === 'need-logs' ? verdict.accounts : [...named] }
  }
  if (verdict.kind !== 'allowed') {
    engine.discardStaged(group, opened.staged)
    const why = verdict.kind === 'refused' ? verdict.refusal : verdict.kind
    return block(core, record, parseCredential(opened.view.committer.credential)?.device, emit, why)
  }
  const after = engine.mergeStaged(group, opened.staged)
  noteEpoch(core, record.chat, after)
  const aad = parseAad(opened.view.aad)
  const committer = parseCredential(opened.view.committer.credential)
  if (opened.view.external && opened.view.removes.length > 0) noteOtherRepair(core, record.chat, committer?.account)
  if (aad?.head !== undefined && committer !== undefined) noteHead(core, committer.account, aad.head)
  keepSpent(core.db, record.chat, verdict.spentIntents)
  const { account } = core.mustOwn()
  keepPolicy(core.db, account, record.chat, after.policy, Number(entry.seq))
  intentsOfGone(core, record, policy, Number(entry.seq))
  if (opened.view.removesSelf) {
    engine.deleteGroup(group)
    forgetIntents(core.db, record.chat)
    // C11: a device that was away for long and is still one of the account's comes in again by itself.
    const back = verdict.policy.members.has(account) && isListed(core)
    setChat(core.db, record.chat, back ? { state: 'joining', held: 'repair' } : { state: 'removed' })
    emit({ event: 'chat', chat: record.chat, change: 'left' })
    return { kind: 'taken' }
  }
  setChat(core.db, record.chat, { epoch: Number(after.epoch) })
  emit({ event: 'chat', chat: record.chat, change: 'members' })
  return { kind: 'taken' }
}

/** Another commit was first: the own one is void, and planned anew by whoever wanted it. */
export function dropPending(core: Core, record: Pick<ChatRecord, 'chat'>): void {
  core.engine().clearPending(bytesOf(record.chat))
  core.db.run('delete from pending_commit where chat = ? and scratch = 0', record.chat)
}

function isListed(core: Core): boolean {
  const { account, device } = core.mustOwn()
  const log = stateOf(core, account)
  return log !== undefined && activeDevice(log, device) !== undefined
}

/** C12: the state stays before the commit, the chat says whose it was. In a transaction. */
export function block(
  core: Core,
  record: ChatRecord,
  device: string | undefined,
  emit: (event: ClientEvent) => void,
  why: string,
): Taking {
  recordFault(core.db, 'commit-refused', record.chat, Math.trunc(core.relayNow()), why)
  setChat(core.db, record.chat, { state: 'blocked', held: 'refused', held_by: device ?? null })
  emit({ event: 'chat', chat: record.chat, change: 'held' })
  return { kind: 'blocked' }
}

/** Forgets the intents of those who are out by now; answers them as hashes. Of those who came, none from before counts. */
function intentsOfGone(core: Core, record: ChatRecord, before: Policy, seq: number): readonly string[] {
  const now = chatRecord(core.db, record.chat)
  const after = now && policyOf(now)
  const came = [...(after?.members.keys() ?? [])].filter((account) => !before.members.has(account))
  // Who was let in again wishes to stay.
  keepSpent(core.db, record.chat, forgetIntentsOf(core.db, record.chat, came, seq))
  const gone = [...before.members.keys()].filter((account) => after?.members.has(account) === false)
  return forgetIntentsOf(core.db, record.chat, gone, seq)
}

function parseAad(bytes: Uint8Array): CommitAad | undefined {
  try {
    return fromBinary(CommitAadSchema, bytes)
  } catch {
    return undefined
  }
}
