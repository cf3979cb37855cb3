import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { inRoot } from './root.js'

/** What the engine is built from: crates, locks, and the steps that build it. */
const sources = [
  ...['Cargo.toml', 'Cargo.lock', 'src'].map((part) => `crates/mls/${part}`),
  ...['Cargo.toml', 'src'].map((part) => `crates/clock/${part}`),
  ...['Cargo.toml', 'Cargo.lock', 'src'].map((part) => `crates/bindgen/${part}`),
  'scripts/build-mls.js',
  'scripts/lib/mls-glue.js',
]

/** What is built. */
const built = ['quintet_mls.wasm', 'quintet_mls.js', 'quintet_mls.d.ts']

function files(path) {
  if (statSync(inRoot(path)).isFile()) return [path]
  return readdirSync(inRoot(path))
    .sort()
    .flatMap((name) => files(`${path}/${name}`))
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
  return digest(sources.flatMap(files))
}

/** Digests of what was built, by name. */
export function builtDigests() {
  return Object.fromEntries(built.map((name) => [name, digest([`packages/crypto/wasm/${name}`])]))
}
