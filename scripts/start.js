/**
 * `npm start`: installs and builds what is missing, then is the relay.
 *
 * Plain JavaScript for Node 20, because the first start happens before anything is installed. Later ones
 * are run by the pinned Node 24 (npm puts it first on the PATH) and become the relay in this very process.
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureBuilt } from './lib/bundle.js'
import { Refusal, orExplain } from './lib/fail.js'
import { ensureInstalled } from './lib/install.js'
import { handOver, isNode24 } from './lib/node-24.js'
import { endWithParent } from './lib/parent.js'
import { inRoot } from './lib/root.js'

await orExplain(async () => {
  await ensureInstalled()
  endWithParent()
  if (!isNode24) return handOver(fileURLToPath(import.meta.url))
  await ensureBuilt('server')
  const main = inRoot('dist/server/main.js')
  process.argv[1] = main
  try {
    await import(pathToFileURL(main))
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Refusal(`The relay is not built: ${error.message}. Delete dist/ and start again.`)
  }
})
