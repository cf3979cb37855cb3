import { setTimeout as pause } from 'node:timers/promises'
import { type Client, ClientError, type Database, DatabaseError, openClient } from '@quintet/client'
import { nodeClock } from '../clock.ts'
import { openDatabase } from '../database.ts'
import { nodeEngineLoader } from '../engine.ts'
import { platformName } from '../platform-name.ts'
import { nodeRandom } from '../random.ts'
import { nodeSigner } from '../signer.ts'
import { nodeTransport } from '../transport.ts'
import { profileFiles } from './folder.ts'
import { hasAccount } from './has-account.ts'
import { makeFolder, unwritable } from './make-folder.ts'
import { chooseRelay, keepRelay, keptRelay } from './relay.ts'

export interface ProfileOptions {
  /** The folder; made if it is not there, for its owner alone. */
  readonly dir: string
  /** The relay's address. Needed once; afterwards only checked. */
  readonly relay?: string | undefined
  /** How long to wait for another process that owns the profile, ms. */
  readonly waitMs?: number
  /** Asked between attempts while another process owns the profile: true = stop waiting, with `profile-in-use`. */
  readonly giveUp?: () => Promise<boolean>
}

const retryEveryMs = 50

/**
 * One device's profile in a folder, opened for this process alone.
 *
 * The lock is the system's: it ends with the process, however that ends. Fails with `profile-in-use`, `profile-newer`,
 * `profile-unwritable`, `damaged`, `disk-full` or `other-relay`.
 */
export async function openProfile(options: ProfileOptions): Promise<Client> {
  const files = profileFiles(options.dir)
  makeFolder(files.folder)
  const database = await own(files.database, options)
  try {
    const relay = chooseRelay(files.folder, options.relay, hasAccount(database))
    if (keptRelay(files.folder) !== relay) keepRelay(files.folder, relay)
    return openClient(
      {
        database,
        transport: nodeTransport(),
        clock: nodeClock(),
        random: nodeRandom(),
        loadEngine: nodeEngineLoader(),
        makeSigner: nodeSigner,
        name: platformName(),
      },
      { relay },
    )
  } catch (error) {
    database.close()
    throw profileErrorOf(error, files.folder)
  }
}

async function own(path: string, options: ProfileOptions): Promise<Database> {
  const until = performance.now() + (options.waitMs ?? 5_000)
  for (;;) {
    const database = attempt(path, options.dir)
    if (database !== 'in-use') return database
    if (performance.now() >= until || (await options.giveUp?.()) === true) {
      throw new ClientError(
        'profile-in-use',
        'Another process uses this profile. Wait until it is done, or choose another one with --profile.',
      )
    }
    await pause(retryEveryMs)
  }
}

function attempt(path: string, folder: string): Database | 'in-use' {
  try {
    return openDatabase(path)
  } catch (error) {
    throw profileErrorOf(error, folder)
  }
}

/** A failure to open, as something a person can act on. */
function profileErrorOf(error: unknown, folder: string): unknown {
  if (!(error instanceof DatabaseError)) return error
  switch (error.kind) {
    case 'full':
      return new ClientError('disk-full', 'The disk of this device is full. Make room and try again; nothing was lost.')
    case 'damaged':
      return new ClientError(
        'damaged',
        `What is stored in ${folder} is damaged. Your other devices have everything: unlink this one and link it again in a new folder.`,
      )
    case 'newer':
      return new ClientError(
        'profile-newer',
        'This profile was used by a newer version of Quintet. Update this one, or choose another --profile.',
      )
    case 'unwritable':
    case 'failed':
      return unwritable(folder)
  }
}
