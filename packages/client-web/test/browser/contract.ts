/** Runs in a worker what the adapters promise, the contracts of the client's ports first, and posts the verdicts. */
import { clockContract, databaseContract, randomContract, transportContract } from '@quintet/client/ports.contract'
import { webClock } from '../../src/worker/clock.ts'
import { openDatabase } from '../../src/worker/database.ts'
import { openPool } from '../../src/worker/pool.ts'
import { webRandom } from '../../src/worker/random.ts'
import { webTransport } from '../../src/worker/transport.ts'
import { startPeer } from './peer.ts'
import { storageTests } from './storage.ts'
import { transportTests } from './transport.ts'
import { runCollected } from './vitest.ts'

const pool = await openPool('.contract')
let places = 0

databaseContract('SQLite on OPFS', () => {
  places += 1
  const path = `/place-${places}.db`
  return {
    open: () => openDatabase(pool, path),
    remove: () => {
      for (const file of pool.files.getFileNames()) if (file.startsWith(path)) pool.files.unlink(file)
    },
  }
})
transportContract('WebSocket', webTransport(), startPeer)
clockContract('the browser', webClock())
randomContract('the browser', webRandom())
storageTests(pool)
transportTests()

postMessage(await runCollected())
