import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { damagedData } from './open-store.ts'
import { storeFile } from './data-folder.ts'
import { checkedAtStartBytes, sizeOf } from './sqlite/sqlite-store.ts'
import { workerUrl } from './sqlite/threads.ts'
import { StartError } from './start-error.ts'

export interface DataWatch {
  /** When to look at all of a database that is too large to look at before the start: the rush of a start is over. */
  readonly checkAfterMs?: number
  readonly checkedAtStartBytes?: number
  readonly lookEveryMs?: number
}

/**
 * Watches that the database of a running relay is still in its place, and looks once at all of it. `onFault` hears what
 * is wrong: what is written after that would be lost, or would make it worse.
 */
export function watchData(folder: string, onFault: (fault: StartError) => void, watch: DataWatch = {}): () => void {
  const file = storeFile(folder)
  const { ino } = statSync(file)
  const timer = setInterval(() => {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== ino) onFault(dataGone(folder))
  }, watch.lookEveryMs ?? 1000)
  timer.unref()
  let checker: Worker | undefined
  const check = (): void => {
    checker = new Worker(workerUrl('relay-store-checker'), { workerData: { file } })
    checker.unref()
    checker.on('message', (isSound: boolean) => {
      if (!isSound) onFault(damagedData(folder, 'its structure does not hold'))
    })
    // It could not be looked at: that says nothing about it.
    checker.on('error', () => undefined)
  }
  const isLarge = sizeOf(file) > (watch.checkedAtStartBytes ?? checkedAtStartBytes)
  const later = isLarge ? setTimeout(check, watch.checkAfterMs ?? 60_000) : undefined
  later?.unref()
  return () => {
    clearInterval(timer)
    clearTimeout(later)
    void checker?.terminate()
  }
}

function dataGone(folder: string): StartError {
  return new StartError(
    'data-gone',
    `The database in ${folder} was taken away while the relay ran, so it ended. Put it back or restore a backup.`,
  )
}
