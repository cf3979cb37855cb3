import { bytesOf, type ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import type { Entry } from '@quintet/wire'
import { ask } from '../relay/ask.ts'
import { recordFault } from '../store/fault.ts'
import { acknowledge } from './acknowledge.ts'
import { type Received, receive } from './inbox.ts'
import { chatRecord, setChat } from './record.ts'
import { askSnapshot } from './self-repair.ts'

const pageEntries = 500

/**
 * Fetches and takes in all that the relay holds of a chat beyond this device's cursor, in order.
 *
 * Logs that a commit needs are fetched first. Call it inside the chat's `serial`. Answers how many entries came.
 */
export async function catchUp(core: Core, chat: ChatId, upTo = 0): Promise<number> {
  let taken = 0
  for (let fetchedLogs = false; ; ) {
    const record = chatRecord(core.db, chat)
    if (record === undefined || record.state !== 'active') return taken
    const page = await ask(
      core,
      'fetch',
      { chat: bytesOf(chat), after: BigInt(record.cursor), limit: pageEntries },
      'fetched',
    )
    const head = Number(page.headSeq)
    core.write(() => setChat(core.db, chat, { relay_head: head }))
    for (const hole of page.holes) if (Number(hole.toSeq) > record.cursor) skipHole(core, chat, hole)
    noteWithheld(core, chat, page.entries, head)
    const result: Received = receive(core, chat, page.entries, { lastTry: fetchedLogs })
    taken += result.taken
    void acknowledge(core)
    if (result.need.length > 0 && !fetchedLogs) {
      await refresh(core, result.need)
      fetchedLogs = true
      continue
    }
    fetchedLogs = false
    const cursor = chatRecord(core.db, chat)?.cursor ?? 0
    if (cursor >= Math.max(head, upTo) || cursor === record.cursor) return taken
  }
}

/** R6: entries that the relay neither gives nor says it has forgotten. What comes after them waits, and it is shown. */
function noteWithheld(core: Core, chat: ChatId, entries: readonly Entry[], head: number): void {
  const cursor = chatRecord(core.db, chat)?.cursor ?? 0
  const next = entries.find((entry) => Number(entry.seq) > cursor)
  const last = next === undefined ? head : Number(next.seq) - 1
  if (last <= cursor) return
  const now = Math.trunc(core.relayNow())
  core.write(() => {
    recordFault(core.db, 'chat-gap', chat, now)
    core.db.run(
      "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'withheld') on conflict do nothing",
      chat,
      cursor + 1,
      last,
      now,
      now,
    )
  })
}

/** The relay has these no more: the gap is kept and shown, never hidden (R7). */
function skipHole(
  core: Core,
  chat: ChatId,
  hole: {
    readonly fromSeq: bigint
    readonly toSeq: bigint
    readonly fromMs: bigint
    readonly toMs: bigint
    readonly logHash: Uint8Array
  },
): void {
  core.write(() => {
    core.db.run(
      "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'expired') on conflict do nothing",
      chat,
      Number(hole.fromSeq),
      Number(hole.toSeq),
      Number(hole.fromMs),
      Number(hole.toMs),
    )
    // What each sender's count skips is the hole itself (R6).
    core.db.run('delete from sender where chat = ?', chat)
    setChat(core.db, chat, { cursor: Number(hole.toSeq), log_hash: hole.logHash })
    if (chatRecord(core.db, chat)?.kind === 'self') askSnapshot(core)
  })
}
