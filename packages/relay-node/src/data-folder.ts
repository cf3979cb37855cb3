import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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
  } catch {
    throw new StartError(
      'data-unwritable',
      `The data folder ${folder} cannot be written. Give this user the right to write there, or choose another with --data.`,
    )
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
    const number = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0
    if ((number & 0xff) === 5) {
      throw new StartError(
        'data-in-use',
        `The data folder ${folder} is in use by another relay. Stop that one, or choose another folder with --data.`,
      )
    }
    throw new StartError(
      'data-unwritable',
      `The data folder ${folder} cannot be written. Give this user the right to write there, or choose another with --data.`,
    )
  }
}
