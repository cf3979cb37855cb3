import { mkdirSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { join, resolve } from 'node:path'
import { ClientError } from '@quintet/client'

/** Where the files of a profile lie. */
export interface ProfileFiles {
  readonly folder: string
  readonly database: string
  /** The relay's address, one line. */
  readonly relay: string
}

export function profileFiles(dir: string): ProfileFiles {
  const folder = resolve(dir)
  return { folder, database: join(folder, 'quintet.db'), relay: join(folder, 'relay') }
}

/** The user's data folder, as each system has it. */
export function defaultProfileDir(environment: NodeJS.ProcessEnv = process.env): string {
  const home = homedir()
  switch (platform()) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Quintet')
    case 'win32':
      return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Quintet')
    default: {
      const base = environment['XDG_DATA_HOME']
      return join(base === undefined || base === '' ? join(home, '.local', 'share') : base, 'quintet')
    }
  }
}

/** Makes the folder for its owner alone; one that is there already stays as its owner made it. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    throw unwritable(folder)
  }
}

export function unwritable(folder: string): ClientError {
  return new ClientError(
    'profile-unwritable',
    `The profile folder ${folder} cannot be written. Choose another one with --profile, or give yourself the right to write there.`,
  )
}
