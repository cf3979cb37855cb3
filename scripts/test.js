/**
 * `npm test`: installs and builds what is missing, runs the gate and every test, and ends with one line,
 * `N passed, N failed`. A check of the gate counts as a test. `-- PATH…` runs only those tests.
 */
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './lib/bundle.js'
import { countTests } from './lib/count.js'
import { orExplain, Refusal } from './lib/fail.js'
import { ensureInstalled } from './lib/install.js'
import { handOver, isNode24 } from './lib/node-24.js'
import { inRoot } from './lib/root.js'
import { runShown } from './lib/run.js'
import { ensureBrowsers } from './lib/system.js'

const report = inRoot('.cache/vitest.json')

async function runTests() {
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runShown(process.execPath, [
    inRoot('node_modules/vitest/vitest.mjs'),
    'run',
    ...reporters,
    ...process.argv.slice(2),
  ])
  try {
    const counted = countTests(JSON.parse(readFileSync(report, 'utf8')))
    if (counted.skipped > 0) console.log(`${counted.skipped} skipped: a skipped test counts as failed`)
    if (code !== 0 && counted.failed === 0) return { ...counted, failed: 1 }
    return counted
  } catch {
    return { passed: 0, failed: 1 }
  }
}

/** A step without which the rest can still say something: its failure is counted, not the end. */
async function attempt(name, step) {
  try {
    await step()
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    console.log(`✗ ${name}\n${error.message}\n`)
    return 1
  }
}

async function testAll() {
  const unbuilt = await attempt('build', () => ensureBuilt('server', 'cli'))
  const { runGate } = await import('./verify/gate.ts')
  const gate = await runGate()
  const tests = await runTests()
  return { passed: gate.passed + tests.passed, failed: unbuilt + gate.failed + tests.failed }
}

const missing = (await attempt('install', ensureInstalled)) + (await attempt('browsers', ensureBrowsers))
if (missing === 0 && !isNode24) await orExplain(() => handOver(fileURLToPath(import.meta.url)))
else {
  const { passed, failed } = missing > 0 ? { passed: 0, failed: missing } : await testAll()
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
