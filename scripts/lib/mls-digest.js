import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { inRoot } from './root.js'

/** What the engine is built from: crates, locks, and the steps that build it. */
const sources = ['crates/mls', 'crates/clock', 'crates/bindgen', 'scripts/build-mls.js', 'scripts/lib/mls-glue.js']

/** What is built. */
export const built = ['quintet_mls.wasm', 'quintet_mls.js', 'quintet_mls.d.ts']

function* files(path) {
  const entries = readdirSync(inRoot(path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    if (entry.name === 'target') continue
    if (entry.isDirectory()) yield* files(`${path}/${entry.name}`)
    else yield `${path}/${entry.name}`
  }
}

function digest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const bytes = readFileSync(inRoot(path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** A digest over the contents of all that the engine is built from. */
export function sourcesDigest() {
  return digest(sources.flatMap((path) => (/\.js$/.test(path) ? [path] : [...files(path)])))
}

/** Digests of what was built, by name. */
export function builtDigests() {
  return Object.fromEntries(built.map((name) => [name, digest([`packages/crypto/wasm/${name}`])]))
}
