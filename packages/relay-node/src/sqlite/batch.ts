import type { ChatId } from '@quintet/domain'
import type { Call, Outcome } from './operations.ts'
import { packEntries, type PackedEntries, unpackEntries } from './packed-entries.ts'
import type { Append } from './write-chats.ts'

/** What the writing thread is asked for. */
export type Work = Call | Append

/** A batch on its way to the writing thread. */
export interface PackedBatch {
  /** Undefined = the next one of the appends. */
  readonly calls: readonly (Call | undefined)[]
  readonly chats: readonly ChatId[]
  readonly entries: PackedEntries
  /** Somebody waits for it to be on the disk. */
  readonly durable: boolean
}

export function packBatch(batch: readonly Work[], durable: boolean): PackedBatch {
  const appends = batch.flatMap((work) => ('name' in work ? [] : [work]))
  return {
    calls: batch.map((work) => ('name' in work ? work : undefined)),
    chats: appends.map(({ chat }) => chat),
    entries: packEntries(appends.map(({ entry }) => entry)),
    durable,
  }
}

/** The same calls again, in their order. */
export function unpackBatch({ calls, chats, entries: packed }: Omit<PackedBatch, 'durable'>): readonly Call[] {
  const entries = unpackEntries(packed)
  let next = 0
  return calls.map((call) => {
    if (call !== undefined) return call
    const [chat, entry] = [chats[next], entries[next]]
    next++
    if (chat === undefined || entry === undefined) throw new RangeError('each append has a chat and an entry')
    return { name: 'appendEntry', argument: { chat, entry } }
  })
}

/** An outcome between threads: most writes have nothing to say. */
export type PackedOutcome = Outcome | 0

const done: Outcome = { ok: true, value: undefined }

export const packOutcome = (outcome: Outcome): PackedOutcome =>
  outcome.ok && outcome.value === undefined ? 0 : outcome
export const unpackOutcome = (packed: PackedOutcome): Outcome => (packed === 0 ? done : packed)
