import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inRoot, root } from './root.js'

const skipped = new Set(['node_modules', 'gen', 'test'])
const isTest = (name) => name.endsWith('.test.ts') || name.endsWith('.contract.ts')

function walk(path, add) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) walk(inside, add)
    } else if (!isTest(entry.name)) add(inside)
  }
}

/** A digest over names, sizes and times of the files under the paths: cheap enough for every start. */
export function fingerprint(...paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path.slice(root.length)}\0${size}\0${mtimeMs}\n`)
  }
  for (const path of paths.map((part) => inRoot(part))) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) walk(path, add)
    else if (found !== undefined) add(path)
  }
  return hash.digest('hex')
}

/** True when the stamp in that file says this fingerprint. */
export function isStamped(file, print) {
  try {
    return readFileSync(inRoot(file), 'utf8') === print
  } catch {
    return false
  }
}

export function stamp(file, print) {
  mkdirSync(dirname(inRoot(file)), { recursive: true })
  writeFileSync(inRoot(file), print)
}

const sources = ['packages', 'apps', 'protocol/quintet', 'scripts/lib/bundle.js', 'package-lock.json']
const stampOf = (app) => `.cache/built-${app}`

/** What the bundles are made of, as it stands now. */
export const sourcesPrint = () => fingerprint(...sources)

/** True when dist/APP holds what the sources now say. Reads no source's content. */
export const isBuilt = (app) => existsSync(inRoot('dist', app)) && isStamped(stampOf(app), sourcesPrint())

export const stampBuilt = (app, print) => stamp(stampOf(app), print)
