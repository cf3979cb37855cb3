/** `npm run api`: writes docs/api/ anew. */
import { fileURLToPath } from 'node:url'
import { orExplain } from './lib/fail.js'
import { ensureGenerated } from './lib/generate.js'
import { ensureInstalled } from './lib/install.js'
import { handOver, isNode24 } from './lib/node-24.js'

await orExplain(async () => {
  await ensureInstalled()
  if (!isNode24) return handOver(fileURLToPath(import.meta.url))
  await ensureGenerated()
  const { checkApi } = await import('./verify/api.ts')
  await checkApi('write')
})
