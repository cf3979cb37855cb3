import { type Client, ClientError, DatabaseError, openClient } from '@quintet/client'
import type { WorkerOptions } from '../messages.ts'
import { platformName } from '../platform-name.ts'
import { webClock } from './clock.ts'
import { openDatabase } from './database.ts'
import type { WebEngine } from './engine.ts'
import { FilesHeldError, openPool } from './pool.ts'
import { webRandom } from './random.ts'
import { chooseRelay } from './relay.ts'
import { databaseErrorOf } from './sqlite-error.ts'
import { storageErrorOf } from './storage-error.ts'
import { webTransport } from './transport.ts'

/** Where in the origin's private file system the profile lies. Another name would orphan what people have. */
const folder = '.quintet'
const file = '/quintet.db'

/**
 * The one profile of this origin, opened for this worker alone.
 *
 * Fails with FilesHeldError, or ClientError `profile-newer`, `profile-unwritable`, `damaged`, `disk-full`, `other-relay`.
 */
export async function openProfile(options: WorkerOptions, engine: WebEngine): Promise<Client> {
  try {
    const pool = await openPool(folder)
    const database = openDatabase(pool, file)
    try {
      const relay = chooseRelay(database, options.relay, options.home)
      const client = openClient(
        {
          database,
          transport: webTransport(engine.ready),
          clock: webClock(),
          random: webRandom(),
          loadEngine: engine.load,
          name: platformName(navigator.userAgent),
        },
        { relay },
      )
      return {
        ...client,
        async close() {
          await client.close()
          pool.files.pauseVfs()
        },
      }
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw profileErrorOf(error)
  }
}

/** A failure to open, as something a person can act on. */
function profileErrorOf(error: unknown): unknown {
  if (error instanceof ClientError || error instanceof FilesHeldError) return error
  return storageErrorOf(error instanceof DatabaseError ? error : databaseErrorOf(error, false))
}
