import { parseChatBytes } from '@quintet/domain'
import type { Fetch, FetchedSchema, HoleSchema, MessageInitShape } from '@quintet/wire'
import { type Answer, malformed, unknownChat } from '../answer.ts'
import type { EntryPage } from '../ports/chat-store.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { wireEntry } from './deliver.ts'
import { isParty, type LiveChat, rosterMember } from './live-chat.ts'
import { rosterDigest } from './roster-digest.ts'

/**
 * The entries after a point, and the holes between them (R7). A device of the roster reads from where it joined;
 * one that could join reads the commits, which it replays to check what it joins (C8), and no messages.
 */
export async function fetchEntries(core: RelayCore, caller: Caller, call: Fetch): Promise<Answer> {
  const id = parseChatBytes(call.chat)
  if (id === undefined) return malformed('The chat id')
  const chat = await core.chats.get(id)
  if (!chat) return unknownChat
  const member = rosterMember(chat, caller.device)
  if (!member && !isParty(chat, caller.account)) return unknownChat
  const policy = core.policy()
  const after = Math.max(Number(call.after), member?.joinSeq ?? 0)
  const limit = Math.min(call.limit || policy.fetchLimit, policy.fetchLimit)
  const page = await core.store.chats.page({
    chat: id,
    after,
    limit,
    maxBytes: policy.fetchBytes,
    commitsOnly: member === undefined,
  })
  if (page === undefined) return unknownChat
  return { case: 'fetched', value: fetched(call.chat, after, page, member && rosterDigest(core.runtime, chat)) }
}

function fetched(
  chat: Uint8Array,
  after: number,
  page: EntryPage,
  /** Of a device of the roster, which is told of holes too. */
  roster: LiveChat['rosterDigest'],
): MessageInitShape<typeof FetchedSchema> {
  const holes: MessageInitShape<typeof HoleSchema>[] = []
  let seq = after
  let atMs = 0
  const hole = (toSeq: number, toMs: number, logHash: Uint8Array): void => {
    if (toSeq <= seq) return
    holes.push({ fromSeq: BigInt(seq + 1), toSeq: BigInt(toSeq), fromMs: BigInt(atMs), toMs: BigInt(toMs), logHash })
  }
  for (const entry of page.entries) {
    hole(entry.seq - 1, entry.atBeforeMs, entry.hashBefore)
    seq = entry.seq
    atMs = entry.atMs
  }
  if (page.complete) hole(page.headSeq, page.headAtMs, page.headHash)
  return { chat, entries: page.entries.map(wireEntry), headSeq: BigInt(page.headSeq), ...(roster && { holes, roster }) }
}
