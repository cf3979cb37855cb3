import { existsSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { openStore, revisionKey, type SqliteStore, storeFile } from '@quintet/relay-node'
import { OwnerError } from './terminal.ts'

/** Opens the data beside a relay that may be running. */
export async function withStore<T>(folder: string, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  if (!existsSync(storeFile(folder))) {
    throw new OwnerError('no-data', `There is no relay's data in ${folder}. Name the folder with --data.`)
  }
  const store = openStore(folder)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Tells a running relay to look again at what its owner set; it does so within a second. */
export async function announceChange(store: SqliteStore): Promise<void> {
  await store.settings.set(revisionKey, randomUUID())
}
