/**
 * `npm run soak`: plays kills, faults and fuzzers in full. `-- --minutes N` stops after about that time,
 * `-- --only NAME --seed N` plays one round again, `-- --list` names the parts.
 */
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './lib/bundle.js'
import { orExplain } from './lib/fail.js'
import { ensureInstalled } from './lib/install.js'
import { handOver, isNode24 } from './lib/node-24.js'

await orExplain(async () => {
  await ensureInstalled()
  if (!isNode24) return handOver(fileURLToPath(import.meta.url))
  await ensureBuilt('cli', 'server')
  const { runSoaks } = await import('./soak/run.ts')
  await runSoaks(process.argv.slice(2))
})
