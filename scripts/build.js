import { ensureBuilt } from './lib/bundle.js'
import { orExplain } from './lib/fail.js'
import { ensureInstalled } from './lib/install.js'

await orExplain(async () => {
  await ensureInstalled()
  await ensureBuilt('cli', 'server')
})
