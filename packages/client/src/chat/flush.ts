import { resealBody } from '@quintet/crypto'
import { type AccountId, bytesOf, type ChatId, parseCredential } from '@quintet/domain'
import { activeDevice, shortHead } from '@quintet/identity'
import { create, type Entry, EntryKind, EntrySchema, FailureCode } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { behind, isDisputed, refresh, stateOf } from '../device/directory.ts'
import { wasRestored } from '../device/incarnation.ts'
import type { Row } from '../ports.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { blobOf, numberOf, optionalNumber } from '../store/row.ts'
import { commit } from './commit.ts'
import { freeOfRemoved } from './confirm.ts'
import { catchUp } from './fetch.ts'
import { endGoneChats } from './gone.ts'
import { receive } from './inbox.ts'
import { noteEpochGone, type Stand } from './left-behind.ts'
import { chatRecord, type ChatRecord, policyOf, setChat } from './record.ts'
import { removalWish } from './removals.ts'
import { groupView, loseState } from './repair.ts'

const batchRows = 32
const tries = 20
/** A sender ratchet is renewed well before it is long (P2). */
const maxGeneration = 900
/** After this long without a sibling that could confirm the epoch, the person may go on (C8), ms. */
export const confirmMs = 30_000

/**
 * Sends what waits in a chat's outbox, in the order written: removals first (C7), logs known (D10), sealed and stored
 * before anything leaves (P5). Call it inside the chat's `serial`. Answers how many went.
 */
export async function flush(core: Core, chat: ChatId): Promise<number> {
  let sent = 0
  for (let attempt = 0; attempt < tries; attempt++) {
    if (waiting(core, chat).length === 0) return sent
    if (!mayWrite(core, chat)) return sent
    const ready = await prepare(core, chat)
    if (ready === 'later') return sent
    if (ready === 'look-again') continue
    const rows = seal(core, chat)
    // Meanwhile something else was heard: of a log that has gone on, of a fork.
    if (rows === undefined) continue
    const result = await appendAll(core, chat, rows)
    sent += result.accepted
    if (result.stale !== undefined) {
      await catchUp(core, chat)
      noteEpochGone(core, chat, result.stale)
    }
    if (result.expectedN !== undefined) renumber(core, chat, result.expectedN)
  }
  return sent
}

function waiting(core: Core, chat: ChatId): readonly Row[] {
  return core.db.all('select * from outbox where chat = ? order by id limit ?', chat, batchRows)
}

function mayWrite(core: Core, chat: ChatId): boolean {
  const row = core.db.get('select held_at from chat where chat = ?', chat)
  const record = chatRecord(core.db, chat)
  if (row === undefined || record === undefined || record.state !== 'active') return false
  const passes = record.held === 'unconfirmed' || record.held === 'newcomers' || record.held === 'contested'
  if (passes && core.relayNow() - numberOf(row, 'held_at') >= confirmMs)
    core.write(() => setChat(core.db, chat, { held: null }))
  if (record.held === 'fork') freeOfRemoved(core, chat)
  return !isHeld(chatRecord(core.db, chat)?.held)
}

/** What is about somebody's log, or about who is there, is looked at anew before every send. */
const lookedAtAnew: readonly (string | undefined)[] = [undefined, 'log-withheld', 'log-forked', 'nobody-there']

function isHeld(held: string | undefined): boolean {
  return !lookedAtAnew.includes(held)
}

/**
 * D10, C7, P2, P3: everything that has to stand before the first byte is sealed. `look-again`: entries were taken in for
 * it, and what they said counts as well.
 */
async function prepare(core: Core, chat: ChatId): Promise<'ready' | 'look-again' | 'later'> {
  const record = chatRecord(core.db, chat)
  const policy = record && policyOf(record)
  if (record === undefined || policy === undefined) return 'later'
  if (core.db.get('select 1 as one from pending_commit where chat = ? and creates is not null', chat) !== undefined) {
    // The chat was made and its maker interrupted before it took its own first commit in.
    return (await catchUp(core, chat)) > 0 ? 'look-again' : 'later'
  }
  // C7: among what the relay has told of may be the commit that put somebody out. Nothing is sealed to them any more.
  if (record.relayHead > record.cursor) {
    const came = await catchUp(core, chat)
    if (came > 0 || chatRecord(core.db, chat)?.state !== 'active') return 'look-again'
  }
  const members = [...policy.members.keys()]
  const unknown = behind(core, members)
  if (unknown.length > 0) {
    await refresh(core, unknown)
    endGoneChats(core)
    if (chatRecord(core.db, chat)?.state !== 'active') return 'later'
  }
  const held = chatRecord(core.db, chat)?.held
  if (isHeld(held)) return 'later'
  const why = heldByLogs(core, members, unknown.length > 0)
  if (why !== undefined) return hold(core, chat, why)
  const group = bytesOf(chat)
  const due = record.updateDue > 0 && record.updateDue <= core.relayNow()
  const worn = core.engine().ownGeneration(group) >= maxGeneration
  const open =
    core.db.get('select 1 as one from pending_commit where chat = ? and scratch = 0 and creates is null', chat) !==
    undefined
  let update = due || worn
  if (!open && !update && removalWish(core, chat) === undefined)
    return hold(core, chat, isAlone(core, record) ? 'nobody-there' : undefined)
  try {
    await commit(core, chat, () => {
      const wish = removalWish(core, chat) ?? (update ? { adds: [], removes: [] } : undefined)
      update = false
      return wish
    })
  } catch (error) {
    // On the way it turned out that this device has to enter anew: whoever sends does that, and tries again.
    if (chatRecord(core.db, chat)?.state !== 'joining') throw error
    return 'later'
  }
  return 'look-again'
}

function hold(core: Core, chat: ChatId, why: string | undefined): 'ready' | 'later' {
  if (chatRecord(core.db, chat)?.held !== why)
    core.write((emit) => {
      setChat(core.db, chat, { held: why ?? null })
      emit({ event: 'chat', chat, change: 'held' })
    })
  return why === undefined ? 'ready' : 'later'
}

/**
 * K3: what is sealed while the other person has no device in the chat nobody ever reads. They come in by themselves, and
 * what was written goes then. In a group others read it.
 */
function isAlone(core: Core, { chat, kind, peer }: ChatRecord): boolean {
  if (kind !== 'direct' || peer === undefined) return false
  const log = stateOf(core, peer)
  const leaves = groupView(core, chat).leaves.map((leaf) => parseCredential(leaf.credential))
  return !leaves.some(
    (who) => who?.account === peer && log !== undefined && activeDevice(log, who.device) !== undefined,
  )
}

/** Why nothing may be sealed to these accounts, by what is known of their logs. */
function heldByLogs(
  core: Core,
  members: readonly AccountId[],
  looked: boolean,
): 'log-withheld' | 'log-forked' | undefined {
  const own = core.mustOwn().account
  // D11: one of the two logs is a thief's. What a restore of the relay made of it is none (R9).
  const forked = !wasRestored(core) && members.some((account) => account !== own && isDisputed(core, account))
  if (forked) return 'log-forked'
  // Somebody has seen a log that the relay does not give: nothing is sealed to devices that may be off it.
  return looked && behind(core, members).length > 0 ? 'log-withheld' : undefined
}

/** The relay counts fewer of this device's entries than this device: what it has not taken is numbered from there. */
function renumber(core: Core, chat: ChatId, expectedN: number): void {
  core.write(() => {
    core.db.run('update outbox set n = null, epoch = null, message = null where chat = ?', chat)
    setChat(core.db, chat, { last_n: expectedN - 1 })
  })
}

/**
 * Encrypts the next rows under the current epoch and stores what will be sent; a row keeps its number for good (R3).
 * undefined: what `prepare` found does not hold any more.
 */
function seal(core: Core, chat: ChatId): readonly Row[] | undefined {
  return core.write(() => {
    const record = chatRecord(core.db, chat)
    if (record === undefined || record.state !== 'active' || record.held !== undefined) return undefined
    if (behind(core, [...(policyOf(record)?.members.keys() ?? [])]).length > 0) return undefined
    const engine = core.engine()
    const group = bytesOf(chat)
    const own = core.mustOwn()
    const state = stateOf(core, own.account)
    let n = record.lastN
    for (const row of waiting(core, chat)) {
      if (optionalNumber(row, 'epoch') === record.epoch) continue
      const number = optionalNumber(row, 'n') ?? ++n
      const sealed = resealBody(
        {
          n: BigInt(number),
          seenSeq: BigInt(record.cursor),
          seenHash: record.logHash.subarray(0, 16),
          sentAtMs: BigInt(Math.trunc(core.clock.now())),
          ...(state && { head: shortHead(state.head) }),
        },
        blobOf(row, 'body'),
        blobOf(row, 'body_key'),
      )
      const message = engine.encrypt(group, sealed.entryId, sealed.plaintext)
      core.db.run(
        'update outbox set n = ?, epoch = ?, message = ? where id = ?',
        number,
        record.epoch,
        message,
        numberOf(row, 'id'),
      )
    }
    setChat(core.db, chat, { last_n: n })
    return waiting(core, chat)
  })
}

/** Sends all rows without waiting in between; the relay takes them in order and stops at the first that it refuses. */
async function appendAll(
  core: Core,
  chat: ChatId,
  rows: readonly Row[],
): Promise<{ readonly accepted: number; readonly stale?: Stand; readonly expectedN?: number }> {
  const own = core.mustOwn()
  const calls = rows.map((row) =>
    core.relay.call(
      'append',
      {
        chat: bytesOf(chat),
        epoch: BigInt(numberOf(row, 'epoch')),
        n: BigInt(numberOf(row, 'n')),
        message: blobOf(row, 'message'),
        content: numberOf(row, 'content') === 1,
      },
      'appended',
    ),
  )
  const answers = await Promise.allSettled(calls)
  const entries: Entry[] = []
  let failure: unknown
  for (const [at, answer] of answers.entries()) {
    const row = rows[at]
    if (row === undefined || failure !== undefined) break
    if (answer.status === 'rejected') failure = answer.reason
    else
      entries.push(
        create(EntrySchema, {
          seq: answer.value.seq,
          atMs: answer.value.atMs,
          epoch: BigInt(numberOf(row, 'epoch')),
          kind: EntryKind.MESSAGE,
          content: numberOf(row, 'content') === 1,
          device: bytesOf(own.device),
          n: BigInt(numberOf(row, 'n')),
          message: blobOf(row, 'message'),
        }),
      )
  }
  const last = Number(entries.at(-1)?.seq ?? 0)
  receive(core, chat, entries)
  if ((chatRecord(core.db, chat)?.cursor ?? 0) < last) await catchUp(core, chat, last)
  if (failure === undefined) return { accepted: entries.length }
  if (isFailure(failure, FailureCode.STALE)) return { accepted: entries.length, stale: failure.failure }
  if (isFailure(failure, FailureCode.GAP))
    return { accepted: entries.length, stale: failure.failure, expectedN: Number(failure.failure.expectedN) }
  if (isFailure(failure, FailureCode.CONFLICT)) {
    // R3: that number went out before with other bytes. This database is older than what it sent.
    core.write((emit) => {
      loseState(core, chat, 'went-back')
      emit({ event: 'chat', chat, change: 'held' })
    })
    return { accepted: entries.length }
  }
  const error = clientErrorOf(failure)
  throw error.code === 'offline' ? new ClientError('offline', error.message) : error
}
