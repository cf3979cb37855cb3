import type { DeviceId } from '@quintet/domain'
import type { StoredEntry } from '@quintet/relay'

/**
 * Entries on their way between threads. Cloning one as an object costs more than reading or writing it, so they share
 * one buffer.
 */
export interface PackedEntries {
  readonly devices: readonly DeviceId[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Length of the message, seq, n, two times, epoch, length of the hash, content, kind; then the hash and the message. */
const headBytes = 4 + 5 * 8 + 3

export function packEntries(entries: readonly StoredEntry[]): PackedEntries {
  const length = ({ hashBefore, message }: StoredEntry): number => headBytes + hashBefore.length + message.length
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + length(entry), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    view.setUint32(at, entry.message.length)
    view.setFloat64(at + 4, entry.seq)
    view.setFloat64(at + 12, entry.n)
    view.setFloat64(at + 20, entry.atMs)
    view.setFloat64(at + 28, entry.atBeforeMs)
    view.setFloat64(at + 36, entry.epoch)
    view.setUint8(at + 44, entry.hashBefore.length)
    view.setUint8(at + 45, Number(entry.content))
    view.setUint8(at + 46, Number(entry.kind === 'commit'))
    bytes.set(entry.hashBefore, at + headBytes)
    bytes.set(entry.message, at + headBytes + entry.hashBefore.length)
    at += length(entry)
  }
  return { devices: entries.map(({ device }) => device), bytes }
}

/** The same entries again; their bytes lie in the buffer. */
export function unpackEntries({ devices, bytes }: PackedEntries): readonly StoredEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let at = 0
  return devices.map((device): StoredEntry => {
    const start = at
    const messageAt = start + headBytes + view.getUint8(start + 44)
    at = messageAt + view.getUint32(start)
    return {
      kind: view.getUint8(start + 46) === 1 ? 'commit' : 'message',
      device,
      seq: view.getFloat64(start + 4),
      n: view.getFloat64(start + 12),
      atMs: view.getFloat64(start + 20),
      atBeforeMs: view.getFloat64(start + 28),
      epoch: view.getFloat64(start + 36),
      content: view.getUint8(start + 45) === 1,
      hashBefore: bytes.subarray(start + headBytes, messageAt),
      message: bytes.subarray(messageAt, at),
    }
  })
}
