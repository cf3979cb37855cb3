import {
  type AccountId,
  asciiBytes,
  bytesOf,
  type ChatId,
  concatBytes,
  parseChatBytes,
  sameBytes,
} from '@quintet/domain'
import { type CreateChat, FailureCode } from '@quintet/wire'
import { shutOutMeanwhile } from '../accounts/authenticate.ts'
import { type Answer, malformed, notAllowed, rateLimited, refusalOf, refuse } from '../answer.ts'
import type { RelayRuntime } from '../ports/runtime.ts'
import { StoreError } from '../ports/store.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { nextEntry } from './append.ts'
import { parsePolicy, type PolicyView } from './chat-policy.ts'
import { announceJoins, applyChange, logsOf, tooLarge } from './commit.ts'
import { advance, leavesOf, type LiveChat, type LiveMember } from './live-chat.ts'
import { firstLogHash } from './log-hash.ts'
import { checkGroupInfo, commitWait, readUpload } from './read-upload.ts'
import { readRosterChange } from './roster-change.ts'
import { successorFault } from './successor.ts'

const empty = new Uint8Array()

/** C2: the first create of an id wins. The chat begins with its creator's device on leaf 0 and the commit 0 → 1. */
export async function createChat(core: RelayCore, caller: Caller, call: CreateChat): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  const policy = parsePolicy(call.policy)
  if (id === undefined || policy === undefined) return malformed(id === undefined ? 'The chat id' : 'The policy')
  const wait = commitWait(core, caller, call.commit)
  if (wait !== undefined) return rateLimited(wait)
  const fault =
    creationFault(core.runtime, id, policy, caller.account) ?? (await successorFault(core, id, policy, caller))
  if (fault) return notAllowed(fault)
  const read = readUpload(id, call.commit, core.policy().maxEntryBytes)
  if ('refusal' in read) return read.refusal
  const { view } = read
  if (view.commit.epoch !== 0n || view.commit.sender !== 0) return malformed('The first commit')
  const create = async (existing: LiveChat | undefined): Promise<Answer> => {
    if (existing) return chatExists(call.chat)
    const chat = newChat(id, policy, call.policy.slice(), caller)
    const logs = await logsOf(core, view)
    const out = shutOutMeanwhile(core, caller)
    if (out) return out
    const change = readRosterChange(chat, view.commit, caller, logs)
    if ('fault' in change) return notAllowed(change.fault)
    const refusal =
      checkGroupInfo(view, policy.suite, change.policyBytes ?? chat.policy) ?? tooLarge(core, chat, change)
    if (refusal) return refusal
    const message = (call.commit?.commit ?? empty).slice()
    const digest = core.runtime.sha256(message)
    const fields = { epoch: 0, kind: 'commit', content: false, device: caller.device, n: 0, message } as const
    const entry = nextEntry(core.runtime, chat, { ...fields, digest })
    applyChange(chat, change, entry.seq, entry.hash)
    const own = chat.parties.get(caller.account)
    if (own) own.deliveredOn = true
    advance(chat, entry, caller.account)
    chat.epoch = 1
    const { groupInfo, welcome } = view
    const members = [...chat.members.values()].map((member) => ({ ...member }))
    const parties = [...chat.parties.values()].map((party) => ({ ...party }))
    const shape = { chat: id, kind: policy.kind, suite: policy.suite, policy: chat.policy }
    try {
      await core.store.chats.create({ ...shape, members, parties, entry, groupInfo, welcome })
    } catch (error) {
      return error instanceof StoreError && error.code === 'conflict' ? chatExists(call.chat) : refusalOf(error)
    }
    core.chats.put(id, chat)
    announceJoins(
      core,
      chat,
      change.joined.map(({ device }) => device),
      chat.parties.keys(),
    )
    return { case: 'committed', value: { seq: 1n, atMs: BigInt(entry.atMs), epoch: 1n, logHash: entry.hash } }
  }
  return core.chats.inOrder(id, create)
}

function chatExists(chat: Uint8Array): Answer {
  return refuse(FailureCode.CHAT_EXISTS, 'That chat is there already.', { chat })
}

function creationFault(runtime: RelayRuntime, id: ChatId, policy: PolicyView, creator: AccountId): string | undefined {
  if (policy.creator !== creator || !policy.accounts.has(creator)) return 'The creator is not in the policy.'
  switch (policy.kind) {
    case 'self':
      return policy.accounts.size === 1 ? undefined : 'A self chat is of one account.'
    case 'group':
      return undefined
    case 'direct': {
      if (policy.accounts.size !== 2) return 'A direct chat is of two accounts.'
      const expected = directChatId(runtime, [...policy.accounts], policy.generation)
      return sameBytes(expected, bytesOf(id)) ? undefined : 'The id is not that of this pair.'
    }
  }
}

/** C2: SHA-256("quintet/direct/v1" ‖ lower id ‖ higher id ‖ generation as 4 bytes). The policy has them sorted. */
function directChatId(runtime: RelayRuntime, pair: readonly AccountId[], generation: number): Uint8Array {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, generation)
  return runtime.sha256(concatBytes(asciiBytes('quintet/direct/v1'), ...pair.map(bytesOf), number))
}

/** The chat before its first commit: one leaf, epoch 0, an empty log. */
function newChat(chat: ChatId, policy: PolicyView, policyBytes: Uint8Array, caller: Caller): LiveChat {
  const creator: LiveMember = {
    ...caller,
    leaf: 0,
    joinSeq: 0,
    joinHash: firstLogHash,
    cursor: 0,
    n: 0,
    nSeq: 0,
    nAtMs: 0,
    nDigest: empty,
    welcomeSeq: undefined,
  }
  const members = new Map([[creator.device, creator]])
  return {
    chat,
    bytes: bytesOf(chat),
    kind: policy.kind,
    suite: policy.suite,
    epoch: 0,
    headSeq: 0,
    headAtMs: 0,
    headHash: firstLogHash,
    policy: policyBytes,
    members,
    leaves: leavesOf(members.values()),
    parties: new Map(),
    intents: new Map(),
    content: [],
    trimmedSeq: 0,
  }
}
