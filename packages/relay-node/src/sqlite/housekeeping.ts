import type { DeviceId } from '@quintet/domain'
import type { CursorChange, ProgressChange } from '@quintet/relay'
import type { WriteThread } from './threads.ts'
import type { Trim } from './write-trims.ts'

/** About what the writing thread does in half a millisecond, of each. */
const rowsAtOnce = 32
const trimsAtOnce = 4
/** Queries and rows to begin the trim of a chat. */
const rowsPerTrim = 8

interface Trimming {
  readonly trim: Trim
  readonly done: (gone: number) => void
  readonly failed: (error: unknown) => void
}

/** The writes that no device waits for: each is cut into bites that give way to the others. */
export class Housekeeping {
  private readonly writer: WriteThread
  private trims: Trimming[] = []

  constructor(writer: WriteThread) {
    this.writer = writer
  }

  async saveSeen(seen: ReadonlyMap<DeviceId, number>): Promise<void> {
    await Promise.all(
      bites([...seen], rowsAtOnce).map((some) => this.writer.later('saveSeen', new Map(some), some.length)),
    )
  }

  async saveCursors(cursors: readonly CursorChange[], progress: readonly ProgressChange[]): Promise<void> {
    const rows = cursors.length + progress.length
    if (rows <= rowsAtOnce) return this.writer.later('saveCursors', { cursors, progress }, rows)
    await Promise.all([
      ...bites(cursors, rowsAtOnce).map((some) =>
        this.writer.later('saveCursors', { cursors: some, progress: [] }, some.length),
      ),
      ...bites(progress, rowsAtOnce).map((some) =>
        this.writer.later('saveCursors', { cursors: [], progress: some }, some.length),
      ),
    ])
  }

  /** Trims asked for in one turn go together: see `forget`. */
  trim(trim: Trim): Promise<number> {
    return new Promise((done, failed) => {
      this.trims.push({ trim, done, failed })
      if (this.trims.length === 1) queueMicrotask(() => void this.run())
    })
  }

  private async run(): Promise<void> {
    const all = this.trims
    this.trims = []
    try {
      const gone = await this.forget(all.map(({ trim }) => trim))
      all.forEach(({ done }, at) => void done(gone[at] ?? 0))
    } catch (error) {
      for (const { failed } of all) failed(error)
    }
  }

  /**
   * Entries of all chats lie on the disk in order of arrival, several to a page: forgotten in that order each page is
   * written once, by whichever bite.
   */
  private async forget(trims: readonly Trim[]): Promise<readonly number[]> {
    const begun = await Promise.all(
      bites(trims, trimsAtOnce).map((some) =>
        this.writer.later('beginTrims', { trims: some }, some.length * rowsPerTrim),
      ),
    )
    const byChat = begun.flat()
    const entries = byChat.flatMap((keys) => [...keys]).sort((a, b) => a - b)
    await Promise.all(
      bites(entries, rowsAtOnce).map((some) =>
        this.writer.later('forgetEntries', { entries: Float64Array.from(some) }, some.length),
      ),
    )
    return byChat.map(({ length }) => length)
  }
}

function bites<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}
