import { MlsError, type MlsErrorCode, nextLogHash } from '@quintet/crypto'
import type { AccountId, ChatId } from '@quintet/domain'
import { type Entry, EntryKind } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Core } from '../core.ts'
import { noteGap, type Taking } from './taking.ts'
import { openMessage } from './message.ts'
import { chatRecord, type ChatRecord, setChat } from './record.ts'
import { type Loss, loseState, noteUnfit } from './repair.ts'
import { takeCommit, takeOwnCommit } from './take-commit.ts'

export interface Received {
  readonly taken: number
  /** Logs to be fetched before the next entry can be judged. */
  readonly need: readonly AccountId[]
}

/** Entries that are opened in one transaction: one flush of the disk for all, and nothing else runs meanwhile. */
const batchEntries = 250

class StopBatch extends Error {
  readonly at: number
  constructor(at: number) {
    super('an entry of the batch stands alone')
    this.at = at
  }
}

/**
 * Takes in a chat's next entries, in order: open, keep, advance the cursor, in one transaction (P5).
 *
 * Entries at or before the cursor are repeats; at a hole it stops. An entry that fails is taken in a transaction of its
 * own, so that its failure undoes nothing of the others. `lastTry`: the entry for which logs were fetched just now.
 */
export function receive(
  core: Core,
  chat: ChatId,
  entries: readonly Entry[],
  options: { readonly lastTry?: number } = {},
): Received {
  let taken = 0
  for (;;) {
    const record = chatRecord(core.db, chat)
    if (record === undefined || record.state !== 'active') return { taken, need: [] }
    const rest = entries.filter((entry) => Number(entry.seq) > record.cursor)
    if (rest.length === 0 || Number(rest[0]?.seq) !== record.cursor + 1) return { taken, need: [] }
    const result = takeBatch(core, chat, rest.slice(0, batchEntries), options.lastTry)
    taken += result.taken
    if (result.need.length > 0 || result.taken === 0) return { taken, need: result.need }
  }
}

function takeBatch(core: Core, chat: ChatId, batch: readonly Entry[], lastTry: number | undefined): Received {
  try {
    return core.write((emit) => takeAll(core, chat, batch, emit, { alone: batch.length === 1, lastTry }))
  } catch (error) {
    if (!(error instanceof StopBatch)) throw error
    const size = Math.max(1, error.at)
    return core.write((emit) => takeAll(core, chat, batch.slice(0, size), emit, { alone: error.at === 0, lastTry }))
  }
}

function takeAll(
  core: Core,
  chat: ChatId,
  batch: readonly Entry[],
  emit: (event: ClientEvent) => void,
  how: { readonly alone: boolean; readonly lastTry: number | undefined },
): Received {
  let taken = 0
  for (const [at, entry] of batch.entries()) {
    const record = chatRecord(core.db, chat)
    if (record === undefined || record.state !== 'active' || Number(entry.seq) !== record.cursor + 1) break
    const result = takeOne(core, record, entry, emit, at, how)
    if (result.kind === 'need') return { taken, need: result.accounts }
    if (result.kind === 'blocked') break
    if (result.log !== 'kept') advance(core, record, entry)
    taken += 1
  }
  return { taken, need: [] }
}

function takeOne(
  core: Core,
  record: ChatRecord,
  entry: Entry,
  emit: (event: ClientEvent) => void,
  at: number,
  how: { readonly alone: boolean; readonly lastTry: number | undefined },
): Taking {
  if (Number(entry.epoch) > record.epoch) {
    // What led there is gone from the relay (R7): the chat is entered anew.
    loseState(core, record.chat, 'missed-commits')
    emit({ event: 'chat', chat: record.chat, change: 'held' })
    return { kind: 'blocked' }
  }
  const isCommit = entry.kind === EntryKind.COMMIT
  try {
    // What the relay calls a commit is a public message, and nothing else is one (C4).
    if (isCommit !== isPublic(entry.message)) throw new MlsError('malformed', 'a message of another kind')
    if (isCommit)
      return (
        takeOwnCommit(core, record, entry, emit) ??
        takeCommit(core, record, entry, emit, how.lastTry === Number(entry.seq))
      )
    return openMessage(core, record, entry, emit)
  } catch (error) {
    if (!(error instanceof MlsError)) throw error
    if (!how.alone) throw new StopBatch(at)
    return afterFailure(core, record, entry, { code: error.code, again: how.lastTry === Number(entry.seq) }, emit)
  }
}

const publicMessage = 1

/** By the wire format of an MLSMessage (RFC 9420 6). */
function isPublic(message: Uint8Array): boolean {
  return message[2] === 0 && message[3] === publicMessage
}

/** What could not be opened: a gap, or a chat that is entered anew (C12). A throwing call changed nothing. */
function afterFailure(
  core: Core,
  record: ChatRecord,
  entry: Entry,
  { code, again }: { readonly code: MlsErrorCode; readonly again: boolean },
  emit: (event: ClientEvent) => void,
): Taking {
  if (code === 'bad-confirmation' && entry.kind === EntryKind.COMMIT) noteUnfit(core, record.chat, entry.message)
  switch (code) {
    case 'state-damaged':
    case 'unknown-group':
      return lose(core, record, 'damaged', emit)
    case 'engine':
      // Every later call would fail as well.
      core.engine().reloadAll()
      if (entry.kind === EntryKind.COMMIT) return lose(core, record, 'does-not-fit', emit)
      break
    case 'bad-confirmation':
    case 'wrong-epoch':
    case 'own-message':
    case 'pending-commit':
      if (entry.kind === EntryKind.COMMIT) return again ? lose(core, record, 'does-not-fit', emit) : askAgain(core)
      break
    case 'malformed':
    case 'wrong-group':
    case 'not-a-member':
    case 'bad-signature':
    case 'refused-proposal':
    case 'key-package-invalid':
    case 'replayed':
    case 'too-far':
    case 'key-package-used':
    case 'group-exists':
      // Nobody's, as it stands there, as far as this device can tell: it looks whether the others got past it.
      if (entry.kind === EntryKind.COMMIT || isPublic(entry.message))
        return again ? lose(core, record, 'unreadable', emit) : askAgain(core)
      break
  }
  noteGap(core, record.chat, Number(entry.seq), Number(entry.atMs))
  return { kind: 'taken' }
}

/** The relay may show it otherwise than it has it: one byte is enough. */
function askAgain(core: Core): Taking {
  return { kind: 'need', accounts: [core.mustOwn().account] }
}

function lose(core: Core, record: ChatRecord, loss: Loss, emit: (event: ClientEvent) => void): Taking {
  loseState(core, record.chat, loss)
  emit({ event: 'chat', chat: record.chat, change: 'held' })
  return { kind: 'blocked' }
}

/** How many hashes of a chat's log are kept, to compare what others have seen (R6). */
const keptHashes = 2_048

function advance(core: Core, record: ChatRecord, entry: Entry): void {
  const seq = Number(entry.seq)
  const hash = nextLogHash(record.logHash, seq, entry.message)
  setChat(core.db, record.chat, {
    cursor: seq,
    log_hash: hash,
    newest_seq: seq,
    relay_head: Math.max(record.relayHead, seq),
  })
  // The relay gives after all what it had left out.
  core.db.run("delete from gap where chat = ? and cause = 'withheld' and to_seq <= ?", record.chat, seq)
  core.db.run('insert into log_hash (chat, seq, hash) values (?, ?, ?) on conflict do nothing', record.chat, seq, hash)
  core.db.run('delete from log_hash where chat = ? and seq = ?', record.chat, seq - keptHashes)
}
