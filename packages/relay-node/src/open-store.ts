import { diskFull, isFull, storeFile } from './data-folder.ts'
import { sqliteCode } from './sqlite/database.ts'
import { NewerDataError } from './sqlite/open-database.ts'
import { openSqliteStore, type SqliteStore, type StoreOptions } from './sqlite/sqlite-store.ts'
import { StartError } from './start-error.ts'

/** Opens the store of a data folder that this process holds. Throws StartError. */
export function openStore(folder: string, options: StoreOptions = {}): SqliteStore {
  try {
    return openSqliteStore(storeFile(folder), options)
  } catch (error) {
    if (error instanceof NewerDataError) {
      throw new StartError(
        'data-newer',
        `The data folder ${folder} is from a newer version of Quintet. Update Quintet, or choose another folder with --data.`,
      )
    }
    if (sqliteCode(error) === 13 || isFull(folder)) throw diskFull(folder)
    throw damagedData(folder, error instanceof Error ? error.message : 'unknown')
  }
}

/** `detail` is what SQLite says of it, in a few words. */
export function damagedData(folder: string, detail: string): StartError {
  return new StartError(
    'data-damaged',
    `The data in ${folder} cannot be opened (${detail}). Restore a backup, or choose another folder with --data.`,
  )
}
