import { homedir, platform } from 'node:os'
import { join, resolve } from 'node:path'

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
  if (platform() === 'darwin') return join(home, 'Library', 'Application Support', 'Quintet')
  if (platform() === 'win32') return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Quintet')
  const base = environment['XDG_DATA_HOME']
  return join(base === undefined || base === '' ? join(home, '.local', 'share') : base, 'quintet')
}
