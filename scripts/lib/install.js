import { existsSync, readFileSync } from 'node:fs'
import { Refusal } from './fail.js'
import { inRoot } from './root.js'
import { run } from './run.js'

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** True when node_modules holds what package-lock.json asks for, by npm's own record of what it put there. */
export function isInstalled() {
  const wanted = packagesOf(inRoot('package-lock.json'))
  const there = packagesOf(inRoot('node_modules', '.package-lock.json'))
  if (wanted === undefined || there === undefined) return false
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = there[path]
    if (!path.includes('node_modules/')) return true
    if (found === undefined) return optional === true
    return found.version === version
  })
}

/** Installs what is missing, saying so on stderr. Does nothing, and needs no network, when all is there. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.error('Installing packages (once, about a minute) …')
  // npm 10 and 11 read the level from the flag, so that a failure is not silent as the checkout's .npmrc has it.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await run('npm', ['ci', ...flags])
  if (code === 0 && existsSync(inRoot('node_modules', '.package-lock.json'))) return
  const reason = output.trim().split('\n').slice(-12).join('\n')
  throw new Refusal(
    `${reason}\nThe packages could not be installed. Check the network and the free disk space, then run the same command again.`,
  )
}
