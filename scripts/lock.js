/** `npm run lock`: brings package-lock.json up to the manifests, for every platform. */
import { readFileSync, writeFileSync } from 'node:fs'
import { missingEntries } from './lib/foreign-platforms.js'
import { inRoot } from './lib/root.js'
import { runShown } from './lib/run.js'

const update = () => runShown('npm', ['install', '--package-lock-only', '--ignore-scripts', '--loglevel=error'])
const file = inRoot('package-lock.json')

process.exitCode = await update()
if (process.exitCode === 0) {
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  Object.assign(lock.packages, missingEntries(lock.packages))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  process.exitCode = await update()
}
