import { resolve } from 'node:path'

/** A folder as the person wrote it, seen from where they are (npm changes the working folder); else `data/` in the checkout. */
export function dataFolder(given: string | undefined): string {
  return given === undefined ? resolve('data') : resolve(process.env['INIT_CWD'] ?? '.', given)
}
