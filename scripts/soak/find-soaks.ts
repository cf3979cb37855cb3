import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Refusal } from '../lib/fail.js'
import type { Soak } from './soak.ts'

/** A part of the soak and the file that it came from. */
export interface FoundSoak {
  readonly file: string
  readonly soak: Soak
}

/** Loads the part in `file`. */
export async function loadSoak(file: string): Promise<Soak> {
  const module: { readonly soak?: Soak } = await import(pathToFileURL(file).href)
  if (module.soak === undefined) throw new Refusal(`${file} must export \`soak\`.`)
  return module.soak
}

/** Every `*.soak.ts` in the `soak` folder of a package or app below `root`. */
export async function findSoaks(root: string): Promise<readonly FoundSoak[]> {
  const found: FoundSoak[] = []
  for (const kind of ['packages', 'apps']) {
    const files = readdirSync(join(root, kind), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^[^/]+\/soak\/[^/]+\.soak\.ts$/.test(path))
      .sort()
    for (const path of files) {
      const file = join(root, kind, path)
      found.push({ file, soak: await loadSoak(file) })
    }
  }
  return found
}
