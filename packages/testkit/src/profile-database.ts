import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@quintet/client'
import { nodeDatabase } from '@quintet/client-node'

/** A profile as it stood at one moment, on disk. */
export interface ProfileCopy {
  readonly path: string
}

/** Before a transaction nothing of it is kept, after it all of it is. */
export type WriteMoment = 'before' | 'after'

/** The database of one life of a device, which a test can copy at any moment between two transactions. */
export interface ProfileDatabase {
  readonly database: Database
  copy(): ProfileCopy
  /** As it was when its owner closed it. */
  closedCopy(): ProfileCopy | undefined
}

/** Where the profiles of one world lie; gone with it. */
export interface ProfileFolder {
  /** A new profile in memory, or one that goes on from a copy. `writes` is called before and after every transaction. */
  open(from: ProfileCopy | undefined, writes: (moment: WriteMoment) => void): ProfileDatabase
  /** A copy that outlives the world it was made in. */
  bytesOf(copy: ProfileCopy): Uint8Array
  /** The same, brought into this one. */
  keep(bytes: Uint8Array): ProfileCopy
  remove(): void
}

export function profileFolder(): ProfileFolder {
  let folder: string | undefined
  let files = 0
  const open = new Set<Database>()
  const newPath = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'quintet-world-'))
    return join(folder, `${++files}.db`)
  }
  const copyTo = (database: Database): ProfileCopy => {
    const path = newPath()
    database.run('vacuum into ?', path)
    return { path }
  }
  return {
    open(from, writes) {
      const inner = nodeDatabase(from === undefined ? ':memory:' : reopened(from, newPath()))
      // A death in a story ends no machine: what SQLite has handed to the system is there afterwards.
      inner.script('pragma synchronous = off')
      open.add(inner)
      let closed: ProfileCopy | undefined
      const database: Database = {
        ...inner,
        transaction(work) {
          writes('before')
          const result = inner.transaction(work)
          writes('after')
          return result
        },
        close() {
          closed = copyTo(inner)
          open.delete(inner)
          inner.close()
        },
      }
      return { database, copy: () => copyTo(inner), closedCopy: () => closed }
    },
    bytesOf: ({ path }) => readFileSync(path),
    keep(bytes) {
      const path = newPath()
      writeFileSync(path, bytes)
      return { path }
    },
    remove() {
      for (const database of open) database.close()
      open.clear()
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A copy can be gone on from more than once, so it is never opened itself. */
function reopened(from: ProfileCopy, path: string): string {
  copyFileSync(from.path, path)
  return path
}
