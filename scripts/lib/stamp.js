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

/** Names, sizes and times of the files under the paths: cheap enough for every start. */
export function fingerprint(...paths) {
  let lines = ''
  const add = (path, { size, mtimeMs } = statSync(path)) => {
    lines += `${path.slice(root.length)}\0${size}\0${mtimeMs}\n`
  }
  for (const path of paths.map((part) => inRoot(part))) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) walk(path, add)
    else if (found !== undefined) add(path, found)
  }
  return lines
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

const stampOf = (app) => `.cache/built-${app}`

/** True when dist/APP holds what its sources now say. Reads no source's content. */
export function isBuilt(app) {
  try {
    const { files, print } = JSON.parse(readFileSync(inRoot(stampOf(app)), 'utf8'))
    return existsSync(inRoot('dist', app)) && fingerprint(...files) === print
  } catch {
    return false
  }
}

/** The kernel's clock for files goes in steps and lags behind ours by up to one: at most 10 ms on Linux. */
const tickMs = 20

/** Keeps what dist/APP was made of by a build that began at `since`; a file that changed meanwhile leaves it stale. */
export function stampBuilt(app, files, since) {
  // Files know parts of a millisecond. What claims to be from the future says nothing about now.
  const now = Date.now() + 1
  const isSettled = (file) => {
    const found = statSync(inRoot(file), { throwIfNoEntry: false })
    return found !== undefined && (found.isDirectory() || found.mtimeMs < since - tickMs || found.mtimeMs > now)
  }
  const print = files.every(isSettled) ? fingerprint(...files) : ''
  stamp(stampOf(app), JSON.stringify({ print, files }))
}
