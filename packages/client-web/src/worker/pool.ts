import initSqlite, { type SAHPoolUtil, type Sqlite3Static } from '@sqlite.org/sqlite-wasm'

/** SQLite over the files of one folder of this origin, all of which this worker holds open. */
export interface Pool {
  readonly sqlite: Sqlite3Static
  readonly files: SAHPoolUtil
  /** True once after the browser refused a write for want of space: SQLite only says that a write failed. */
  takeFull(): boolean
}

/** Somebody else, most likely a worker that is about to end, holds the files. */
export class FilesHeldError extends Error {
  override readonly name = 'FilesHeldError'
}

declare global {
  /** Read once by SQLite's loader. */
  var sqlite3ApiConfig: Readonly<Record<string, unknown>> | undefined
}

/** The standard has the one thrown; Chromium writes less than it was given, which the pool calls the other. */
function isOutOfRoom(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'QuotaExceededError'
  return error instanceof Error && error.message === 'Unknown write() failure.'
}

/** Database, WAL and journal, and as many again to spare. */
const capacity = 6

/**
 * Takes the files under `folder` for this worker alone. SQLite's `.wasm` lies beside its module, where bundlers put it.
 *
 * After FilesHeldError the worker is to be ended: handles that leaked in it never recover (DESIGN 6).
 */
export async function openPool(folder: string): Promise<Pool> {
  let isFull = false
  const quiet = () => undefined
  globalThis.sqlite3ApiConfig = {
    disable: { vfs: { kvvfs: true, opfs: true, 'opfs-vfs': true, 'opfs-wl': true } },
    debug: quiet,
    log: quiet,
    warn: quiet,
    // The pool tells here what a file refused to do, before SQLite makes an I/O error of it.
    error: (...told: readonly unknown[]) => {
      if (told.some(isOutOfRoom)) isFull = true
    },
  }
  const sqlite = await initSqlite()
  try {
    // Without `preserveOnInitFailure` a pool that cannot be opened, be it because another tab has it, is *deleted*.
    const files = await sqlite.installOpfsSAHPoolVfs({
      directory: folder,
      initialCapacity: capacity,
      preserveOnInitFailure: true,
    })
    return {
      sqlite,
      files,
      takeFull() {
        const was = isFull
        isFull = false
        return was
      },
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NoModificationAllowedError')
      throw new FilesHeldError('the files are held by another worker')
    throw error
  }
}
