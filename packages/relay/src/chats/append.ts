import { parseChatBytes, sameBytes } from '@quintet/domain'
import { type Append, FailureCode, readPrivateMessage } from '@quintet/wire'
import { shutOutMeanwhile } from '../accounts/authenticate.ts'
import { type Answer, malformed, rateLimited, refusalOf, refuse, unknownChat } from '../answer.ts'
import type { NewEntry } from '../ports/chat-store.ts'
import type { RelayRuntime } from '../ports/runtime.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { deliver } from './deliver.ts'
import { advance, type LiveChat, type LiveMember, rosterMember } from './live-chat.ts'
import { nextLogHash } from './log-hash.ts'

type Reply = (answer: Answer) => void

/** R3. Answers when the entry is on disk, and pushes it right after: who sent it knows its number first. */
export function append(core: RelayCore, caller: Caller, call: Append, reply: Reply): void | Promise<void> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return reply(malformed('The chat id'))
  if (call.message.length > core.policy().maxEntryBytes) {
    return reply(refuse(FailureCode.TOO_LARGE, 'The message is too large for this relay.'))
  }
  if (!isMessageOf(call)) return reply(malformed('The message'))
  const wait =
    core.limits.take('appends', caller.device) ?? core.limits.take('writtenBytes', caller.device, call.message.length)
  if (wait !== undefined) return reply(rateLimited(wait))
  return core.chats.inOrder(id, (chat) => {
    const member = chat && rosterMember(chat, caller.device)
    if (!chat || !member) return reply(unknownChat)
    const out = shutOutMeanwhile(core, caller)
    if (out) return reply(out)
    const digest = core.runtime.sha256(call.message)
    const n = Number(call.n)
    if (n <= member.n) return void repeated(core, chat, member, n, digest).then(reply)
    const refusal = refused(chat, member, call)
    if (refusal) return reply(refusal)
    const entry = nextEntry(core.runtime, chat, {
      epoch: chat.epoch,
      kind: 'message',
      content: call.content,
      device: caller.device,
      n,
      message: call.message.slice(),
      digest,
    })
    member.n = n
    member.nSeq = entry.seq
    member.nAtMs = entry.atMs
    member.nDigest = digest
    advance(chat, entry, caller.account)
    const write = core.store.chats.append(id, entry)
    core.chats.follow(id, chat, write)
    const onDisk = (): void => {
      core.observer.count('entries-taken')
      reply({ case: 'appended', value: { seq: BigInt(entry.seq), atMs: BigInt(entry.atMs) } })
      deliver(core, chat, entry)
    }
    write.then(onDisk, (error: unknown) => reply(refusalOf(error)))
  })
}

function isMessageOf(call: Append): boolean {
  try {
    const { group, epoch } = readPrivateMessage(call.message)
    return sameBytes(group, call.chat) && epoch === call.epoch && call.n > 0n && call.n < 2n ** 48n
  } catch {
    return false
  }
}

function refused(chat: LiveChat, member: LiveMember, call: Append): Answer | undefined {
  if (call.epoch !== BigInt(chat.epoch)) return stale(chat)
  if (Number(call.n) !== member.n + 1) {
    return refuse(FailureCode.GAP, 'A message before this one is missing.', { expectedN: BigInt(member.n + 1) })
  }
  return undefined
}

export function stale(chat: LiveChat): Answer {
  return refuse(FailureCode.STALE, 'The chat has moved on.', {
    epoch: BigInt(chat.epoch),
    headSeq: BigInt(chat.headSeq),
    chat: chat.bytes,
  })
}

/** What the same n was given, or `conflict` when it was given for other bytes. */
async function repeated(
  core: RelayCore,
  chat: LiveChat,
  member: LiveMember,
  n: number,
  digest: Uint8Array,
): Promise<Answer> {
  const newest = { seq: member.nSeq, atMs: member.nAtMs, digest: member.nDigest, n: member.n }
  // Whatever was decided before this must be on disk before it is confirmed: the page read comes after it.
  await core.store.flushed()
  if (core.chats.peek(chat.chat) !== chat) return refusalOf(undefined)
  if (n === newest.n) return sameBytes(newest.digest, digest) ? given(newest) : conflict(n)
  const entry = await core.store.chats.find(chat.chat, member.device, n)
  return entry && sameBytes(core.runtime.sha256(entry.message), digest) ? given(entry) : conflict(n)
}

function given(entry: { readonly seq: number; readonly atMs: number }): Answer {
  return { case: 'appended', value: { seq: BigInt(entry.seq), atMs: BigInt(entry.atMs) } }
}

function conflict(n: number): Answer {
  return refuse(FailureCode.CONFLICT, 'That number was used for another message.', { position: BigInt(n) })
}

/** Numbers an entry: the relay's time never decreases within a chat. */
export function nextEntry(
  runtime: RelayRuntime,
  chat: Pick<LiveChat, 'headSeq' | 'headAtMs' | 'headHash'>,
  entry: Pick<NewEntry, 'epoch' | 'kind' | 'content' | 'device' | 'n' | 'message' | 'digest'>,
): NewEntry {
  const seq = chat.headSeq + 1
  return {
    ...entry,
    seq,
    atMs: Math.max(runtime.clock.now(), chat.headAtMs),
    hashBefore: chat.headHash,
    atBeforeMs: chat.headAtMs,
    hash: nextLogHash(runtime, chat.headHash, seq, entry.digest),
  }
}
