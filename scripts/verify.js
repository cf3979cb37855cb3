/** `npm run verify`: format, lint, types, arrows, unused code, public API, docs. `-- NAME…` runs only those. */
import { fileURLToPath } from 'node:url'
import { orExplain } from './lib/fail.js'
import { ensureGenerated } from './lib/generate.js'
import { ensureInstalled } from './lib/install.js'
import { handOver, isNode24 } from './lib/node-24.js'

await orExplain(async () => {
  await ensureInstalled()
  if (!isNode24) return handOver(fileURLToPath(import.meta.url))
  await ensureGenerated()
  const { runGate } = await import('./verify/gate.ts')
  const { passed, failed } = await runGate(process.argv.slice(2))
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
})
