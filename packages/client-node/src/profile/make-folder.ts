import { mkdirSync } from 'node:fs'
import { ClientError } from '@quintet/client'

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
