/**
 * `npm run bench`: measures what is built, one figure a line. `-- --only NAME` makes those whose names begin so,
 * `-- --json FILE` keeps them, `-- --list` names them.
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
  const { runBenches } = await import('./bench/run.ts')
  await runBenches(process.argv.slice(2))
})
