import nodeModule from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findNode24, handOver, isNode24 } from './node-24.js'
import { endWithParent } from './parent.js'
import { Refusal, orExplain } from './fail.js'
import { inRoot } from './root.js'

/** Runs dist/APP/NAME.js as the program that a bin names, under Node 24, bundled anew when the sources changed. */
export async function runBundle(bin, app, name) {
  await orExplain(async () => {
    if (!isNode24) {
      findNode24()
      return handOver(fileURLToPath(bin))
    }
    // `npx`, or the older Node that handed over.
    if (process.env.npm_command === 'exec' || process.env.QUINTET_HANDED_OVER === '1') endWithParent()
    delete process.env.QUINTET_HANDED_OVER
    nodeModule.enableCompileCache?.(inRoot('.cache/compiled'))
    const { isBuilt } = await import('./stamp.js')
    if (!isBuilt(app)) {
      const { isInstalled } = await import('./install.js')
      if (!isInstalled()) throw new Refusal('Packages are missing: run `npm ci` in the checkout, or `npm start` once.')
      const { ensureBuilt } = await import('./bundle.js')
      await ensureBuilt(app)
    }
    await import(pathToFileURL(inRoot('dist', app, `${name}.js`)))
  })
}
