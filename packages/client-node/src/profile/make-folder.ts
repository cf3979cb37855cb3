import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ClientError } from '@quintet/client'

/** Makes the folder for its owner alone; one that is there already stays as its owner made it. */
export function makeFolder(folder: string): void {
  try {
    makeSteps(resolve(folder))
  } catch {
    throw unwritable(folder)
  }
}

/** Step by step: Node's own recursive mkdir never ends where the system says that a parent is not there (/proc). */
function makeSteps(folder: string): void {
  if (existsSync(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) makeSteps(parent)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(folder)) throw error
  }
}

export function unwritable(folder: string): ClientError {
  return new ClientError(
    'profile-unwritable',
    `The profile folder ${folder} cannot be written. Choose another one with --profile, or give yourself the right to write there.`,
  )
}
