import type { ChatId, DeviceId } from '@quintet/domain'
import type { StoredEntry } from '@quintet/relay'
import type { Call, Outcome } from './operations.ts'
import type { Append } from './write-chats.ts'

/** What the writing thread is asked for. */
export type Work = Call | Append

/**
 * A batch on its way between threads. Cloning an append as an object costs more than writing it to the database, so
 * all appends of a batch share one buffer, which changes hands.
 */
export interface PackedBatch {
  /** Undefined = the next one of the appends. */
  readonly calls: readonly (Call | undefined)[]
  readonly chats: readonly ChatId[]
  readonly devices: readonly DeviceId[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Length of the message, seq, n, three times and epochs, content; then the hash and the message. */
const headBytes = 4 + 5 * 8 + 1
const hashBytes = 32

/** Commits, and what is not as long as it should be, go as they are. */
function isPlain({ kind, hashBefore }: StoredEntry): boolean {
  return kind === 'message' && hashBefore.length === hashBytes
}

export function packBatch(batch: readonly Work[]): PackedBatch {
  const calls: (Call | undefined)[] = []
  const appends: Append[] = []
  let length = 0
  for (const work of batch) {
    if ('name' in work) calls.push(work)
    else if (isPlain(work.entry)) {
      calls.push(undefined)
      appends.push(work)
      length += headBytes + hashBytes + work.entry.message.length
    } else calls.push(appendCall(work))
  }
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { entry } of appends) {
    view.setUint32(at, entry.message.length)
    view.setFloat64(at + 4, entry.seq)
    view.setFloat64(at + 12, entry.n)
    view.setFloat64(at + 20, entry.atMs)
    view.setFloat64(at + 28, entry.atBeforeMs)
    view.setFloat64(at + 36, entry.epoch)
    view.setUint8(at + 44, Number(entry.content))
    bytes.set(entry.hashBefore, at + headBytes)
    bytes.set(entry.message, at + headBytes + hashBytes)
    at += headBytes + hashBytes + entry.message.length
  }
  return { calls, chats: appends.map(({ chat }) => chat), devices: appends.map(({ entry }) => entry.device), bytes }
}

function appendCall(argument: Append): Call {
  return { name: 'appendEntry', argument }
}

/** The same calls again, in their order. */
export function unpackBatch({ calls, chats, devices, bytes }: PackedBatch): readonly Call[] {
  const view = new DataView(bytes.buffer)
  let at = 0
  let next = 0
  return calls.map((call) => {
    if (call !== undefined) return call
    const [chat, device] = [chats[next], devices[next]]
    next++
    if (chat === undefined || device === undefined) throw new RangeError('each append has a chat and a device')
    const start = at
    const hashAt = start + headBytes
    const end = hashAt + hashBytes + view.getUint32(start)
    at = end
    return appendCall({
      chat,
      entry: {
        kind: 'message',
        device,
        seq: view.getFloat64(start + 4),
        n: view.getFloat64(start + 12),
        atMs: view.getFloat64(start + 20),
        atBeforeMs: view.getFloat64(start + 28),
        epoch: view.getFloat64(start + 36),
        content: view.getUint8(start + 44) === 1,
        hashBefore: bytes.subarray(hashAt, hashAt + hashBytes),
        message: bytes.subarray(hashAt + hashBytes, end),
      },
    })
  })
}

/** An outcome between threads: most writes have nothing to say. */
export type PackedOutcome = Outcome | 0

const done: Outcome = { ok: true, value: undefined }

export const packOutcome = (outcome: Outcome): PackedOutcome =>
  outcome.ok && outcome.value === undefined ? 0 : outcome
export const unpackOutcome = (packed: PackedOutcome): Outcome => (packed === 0 ? done : packed)
