import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteCode } from './sqlite/database.ts'
import { StartError } from './start-error.ts'

export const storeFile = (folder: string): string => join(folder, 'relay.db')

/** Holds the folder until released, or until the process ends in whatever way: the lock is the system's. */
export interface DataFolder {
  readonly folder: string
  release(): void
}

/** Makes the folder if it is not there, and takes it for this process alone. Throws StartError. */
export function takeDataFolder(folder: string): DataFolder {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw isNoSpace(error) ? diskFull(folder) : unwritable(folder)
  }
  const lock = openLock(folder)
  return {
    folder,
    release() {
      lock.close()
    },
  }
}

/** Step by step: Node's own recursive mkdir never ends where the system says that a parent is not there (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  mkdirSync(folder, { mode: 0o700 })
}

/** A second database that is locked as long as it is open: SQLite's locks end with the process, `kill -9` included. */
function openLock(folder: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(folder, 'relay.lock'), { timeout: 0 })
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (sqliteCode(error) === 5) {
      throw new StartError(
        'data-in-use',
        `The data folder ${folder} is in use by another relay. Stop that one, or choose another folder with --data.`,
      )
    }
    throw sqliteCode(error) === 13 || isFull(folder) ? diskFull(folder) : unwritable(folder)
  }
}

function unwritable(folder: string): StartError {
  return new StartError(
    'data-unwritable',
    `The data folder ${folder} cannot be written. Give this user the right to write there, or choose another with --data.`,
  )
}

/** Less room than a database needs to open: SQLite says of it in several ways that something went wrong. */
export function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < 64 * 1024
}

const isNoSpace = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC'

export function diskFull(folder: string): StartError {
  return new StartError(
    'disk-full',
    `There is no room left on the disk of the data folder ${folder}. Make room, and start again; or choose another with --data.`,
  )
}
