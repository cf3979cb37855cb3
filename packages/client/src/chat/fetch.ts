import { bytesOf, type ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import type { Entry, Fetched, Hole } from '@quintet/wire'
import { ask } from '../relay/ask.ts'
import { recordFault } from '../store/fault.ts'
import { acknowledge } from './acknowledge.ts'
import { checkRoster } from './check-roster.ts'
import { type Received, receive } from './inbox.ts'
import { leaveBehind } from './left-behind.ts'
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
  for (let lastTry = 0; ; ) {
    const record = chatRecord(core.db, chat)
    if (record === undefined || record.state !== 'active') return taken
    const page = await ask(
      core,
      'fetch',
      { chat: bytesOf(chat), after: BigInt(record.cursor), limit: pageEntries },
      'fetched',
    )
    // Heard meanwhile: it was out and comes in anew further on. What lies between is not kept back (R6, C8).
    if (chatRecord(core.db, chat)?.state !== 'active') return taken
    const head = Number(page.headSeq)
    const result = takePage(core, chat, page, lastTry)
    taken += result.taken
    const { cursor = 0, relayHead = head } = chatRecord(core.db, chat) ?? {}
    // Where all of it was taken in it is known by that, and the disk is not asked once more.
    if (relayHead !== head) core.write(() => setChat(core.db, chat, { relay_head: head }))
    void acknowledge(core)
    if (result.need.length === 0 && cursor >= head) checkRoster(core, chat, page.roster)
    // Each commit may need logs of its own; what needs the same again is not given them.
    if (result.need.length > 0 && lastTry !== cursor + 1) {
      await refresh(core, result.need)
      lastTry = cursor + 1
      continue
    }
    const noMore = cursor === record.cursor
    // C11: let go of while it was away. It is given no messages, so that it cannot read on to the commit that did it.
    if (noMore && cursor < head && page.roster === undefined) core.write((emit) => leaveBehind(core, chat, emit))
    if (cursor >= Math.max(head, upTo) || noMore) return taken
  }
}

/** Entries and holes in the order of the log. */
function takePage(core: Core, chat: ChatId, page: Fetched, lastTry: number): Received {
  let taken = 0
  for (const hole of page.holes) {
    const before = page.entries.filter((entry) => entry.seq < hole.fromSeq)
    const result = receive(core, chat, before, { lastTry })
    taken += result.taken
    const record = chatRecord(core.db, chat)
    if (result.need.length > 0 || record?.state !== 'active') return { taken, need: result.need }
    if (Number(hole.toSeq) > record.cursor && hole.toSeq <= page.headSeq) skipHole(core, chat, record.cursor + 1, hole)
  }
  // Whom the relay does not deliver to has nothing withheld.
  if (page.roster !== undefined) noteWithheld(core, chat, page.entries, Number(page.headSeq))
  const result = receive(core, chat, page.entries, { lastTry })
  return { taken: taken + result.taken, need: result.need }
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

/** The relay has these no more: the gap is kept and shown, from the first that did not come, never hidden (R7). */
function skipHole(core: Core, chat: ChatId, from: number, hole: Hole): void {
  core.write(() => {
    core.db.run(
      "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'expired') on conflict do nothing",
      chat,
      from,
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
