import { type AccountId, type DeviceId, parseChatBytes } from '@quintet/domain'
import type { AccountState } from '@quintet/identity'
import { type Commit, FailureCode } from '@quintet/wire'
import { shutOutMeanwhile } from '../accounts/authenticate.ts'
import {
  type Answer,
  malformed,
  notAllowed,
  pushFrame,
  rateLimited,
  refusalOf,
  refuse,
  unknownChat,
} from '../answer.ts'
import type { StoredMember } from '../ports/chat-store.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { idleAmong } from '../accounts/idle.ts'
import { isComingBack } from '../coming-back.ts'
import { nextEntry, stale } from './append.ts'
import { parsePolicy } from './chat-policy.ts'
import { deliver } from './deliver.ts'
import { advance, isParty, leavesOf, type LiveChat, rosterMember } from './live-chat.ts'
import { policyChangeFault } from './policy-change.ts'
import { checkGroupInfo, commitWait, readUpload, type UploadView } from './read-upload.ts'
import { rosterDigest } from './roster-digest.ts'
import { type Joiner, readRosterChange, type RosterChange, saidIdle } from './roster-change.ts'

type Reply = (answer: Answer) => void

/** R1, R2: exactly one commit per epoch. Answers when all of it is on disk; then everyone concerned hears of it. */
export function commit(core: RelayCore, caller: Caller, call: Commit, reply: Reply): void | Promise<void> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return reply(malformed('The chat id'))
  const wait = commitWait(core, caller, call.upload)
  if (wait !== undefined) return reply(rateLimited(wait))
  const read = readUpload(id, call.upload, core.policy().maxEntryBytes)
  if ('refusal' in read) return reply(read.refusal)
  const { view } = read
  if (view.commit.epoch !== call.epoch) return reply(malformed('The epoch'))
  return core.chats.inOrder(id, async (chat) => {
    if (!chat || !(rosterMember(chat, caller.device) || isParty(chat, caller.account))) return reply(unknownChat)
    if (call.epoch !== BigInt(chat.epoch)) return reply(stale(chat))
    const logs = await logsOf(core, view)
    const ended = await endedIn(core, chat, view)
    const idle = await idleAmong(core, chat, saidIdle(view.commit.aad))
    const out = shutOutMeanwhile(core, caller)
    if (out) return reply(out)
    const change = readRosterChange(chat, view.commit, caller, logs, idle)
    if ('fault' in change) return reply(notAllowed(change.fault))
    const before = change.policyBytes && parsePolicy(chat.policy)
    const how = { by: caller.account, leaving: chat.intents, ended }
    // After a restore this relay may have lost the wish to leave that a commit carries out (R9).
    const fault = before && !isComingBack(core) && policyChangeFault(before, change.policy, how)
    if (fault) return reply(notAllowed(fault))
    const refusal = checkGroupInfo(view, chat.suite, change.policyBytes ?? chat.policy) ?? tooLarge(core, chat, change)
    if (refusal) return reply(refusal)
    takeCommit(core, caller, { chat, view, change, message: (call.upload?.commit ?? empty).slice() }, reply)
  })
}

const empty = new Uint8Array()

/** The logs of everyone who is to come in, as they stand now. */
export async function logsOf(core: RelayCore, view: UploadView): Promise<ReadonlyMap<AccountId, AccountState>> {
  const leaves = [...view.commit.adds.map(({ leaf }) => leaf), ...(view.commit.path ? [view.commit.path] : [])]
  const logs = new Map<AccountId, AccountState>()
  for (const { credential } of leaves) {
    if (logs.has(credential.account)) continue
    const live = await core.accounts.get(credential.account)
    if (live) logs.set(credential.account, live.state)
  }
  return logs
}

/** The accounts in the chat that have ended, if the commit changes who is in it. */
async function endedIn(core: RelayCore, chat: LiveChat, view: UploadView): Promise<ReadonlySet<AccountId>> {
  const ended = new Set<AccountId>()
  if (view.commit.extensions === undefined) return ended
  for (const account of chat.parties.keys())
    if ((await core.accounts.get(account))?.state.closed === true) ended.add(account)
  return ended
}

export function tooLarge(core: RelayCore, chat: Pick<LiveChat, 'leaves'>, change: RosterChange): Answer | undefined {
  const leaves = chat.leaves.filter(Boolean).length - change.removed.length + change.joined.length
  return leaves <= core.policy().maxLeaves
    ? undefined
    : refuse(FailureCode.TOO_LARGE, 'The chat would have more devices than this relay takes.')
}

interface Taken {
  readonly chat: LiveChat
  readonly view: UploadView
  readonly change: RosterChange
  readonly message: Uint8Array
}

function takeCommit(core: RelayCore, caller: Caller, { chat, view, change, message }: Taken, reply: Reply): void {
  const digest = core.runtime.sha256(message)
  const fields = { epoch: chat.epoch, kind: 'commit', content: false, device: caller.device, n: 0, message } as const
  const entry = nextEntry(core.runtime, chat, { ...fields, digest })
  const partiesBefore = new Set(chat.parties.keys())
  const removed = change.removed.map((member) => member.device)
  const joined = applyChange(chat, change, entry.seq, entry.hash)
  advance(chat, entry, caller.account)
  chat.epoch++
  const partiesRemoved = [...partiesBefore].filter((account) => !chat.parties.has(account))
  for (const account of partiesRemoved) chat.intents.delete(account)
  const roster = rosterDigest(core.runtime, chat)
  const changed = new Set([...removed, ...joined.map((member) => member.device)])
  const write = core.store.chats.commit({
    chat: chat.chat,
    entry,
    groupInfo: view.groupInfo,
    welcome: view.welcome,
    policy: change.policyBytes && chat.policy,
    members: [...changed].flatMap((device) => rowOf(chat, device)),
    partiesAdded: [...chat.parties.values()]
      .filter(({ account }) => !partiesBefore.has(account))
      .map((p) => ({ ...p })),
    partiesRemoved,
  })
  core.chats.follow(chat.chat, chat, write)
  const onDisk = (): void => {
    reply({
      case: 'committed',
      value: { seq: BigInt(entry.seq), atMs: BigInt(entry.atMs), epoch: BigInt(entry.epoch + 1), logHash: entry.hash },
    })
    const gone = removed.filter((device) => !joined.some((member) => member.device === device))
    deliver(core, chat, entry, { leaving: gone, roster })
    const welcomed = change.external ? [] : joined.map((member) => member.device)
    const newcomers = [...chat.parties.keys()].filter((account) => !partiesBefore.has(account))
    // Whoever stayed out because a device that is off its log had signed the group's state may come in now (C8).
    announceJoins(core, chat, welcomed, removed.length > 0 ? [...chat.parties.keys()] : newcomers)
  }
  write.then(onDisk, (error: unknown) => reply(refusalOf(error)))
}

function rowOf(chat: LiveChat, device: DeviceId): StoredMember[] {
  const member = chat.members.get(device)
  return member ? [{ ...member }] : []
}

/** Changes members, leaves and parties in memory; returns the rows of those who came in. */
export function applyChange(
  chat: LiveChat,
  change: RosterChange,
  seq: number,
  hash: Uint8Array,
): readonly StoredMember[] {
  for (const member of change.removed) {
    member.leaf = undefined
    member.welcomeSeq = undefined
  }
  const rows = change.joined.map((joiner) => join(chat, joiner, seq, hash, change.external ? undefined : seq))
  chat.leaves = leavesOf(chat.members.values())
  if (change.policyBytes) chat.policy = change.policyBytes.slice()
  for (const account of change.policy.accounts) {
    if (!chat.parties.has(account)) {
      chat.parties.set(account, { account, deliveredOn: chat.kind === 'group', deliveredSeq: seq })
    }
  }
  for (const account of chat.parties.keys()) if (!change.policy.accounts.has(account)) chat.parties.delete(account)
  return rows
}

function join(
  chat: LiveChat,
  joiner: Joiner,
  seq: number,
  hash: Uint8Array,
  welcomeSeq: number | undefined,
): StoredMember {
  const before = chat.members.get(joiner.device)
  const counted = { n: before?.n ?? 0, nSeq: before?.nSeq ?? 0, nAtMs: before?.nAtMs ?? 0 }
  const place = { joinSeq: seq, joinHash: hash, cursor: seq, welcomeSeq }
  const member = { ...joiner, ...place, ...counted, nDigest: before?.nDigest ?? empty }
  chat.members.set(joiner.device, member)
  return member
}

/**
 * Tells newcomers: those who were added that a Welcome waits, the other devices of these accounts that they may join.
 */
export function announceJoins(
  core: RelayCore,
  chat: LiveChat,
  welcomed: readonly DeviceId[],
  accounts: Iterable<AccountId>,
): void {
  const told = (welcome: boolean): Uint8Array => pushFrame({ case: 'chatAdded', value: { chat: chat.bytes, welcome } })
  if (welcomed.length > 0) {
    const frame = told(true)
    for (const device of welcomed) core.hub.device(device)?.push(frame)
  }
  let frame: Uint8Array | undefined
  for (const account of accounts) {
    for (const device of core.hub.devicesOf(account)) {
      if (chat.members.get(device)?.leaf !== undefined) continue
      frame ??= told(false)
      core.hub.device(device)?.push(frame)
    }
  }
}
