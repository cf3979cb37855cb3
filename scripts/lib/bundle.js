import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { Refusal } from './fail.js'
import { ensureGenerated } from './generate.js'
import { alone } from './lock.js'
import { inRoot } from './root.js'
import { isBuilt, sourcesPrint, stampBuilt } from './stamp.js'

const engine = 'packages/crypto/wasm/quintet_mls.wasm'

/** Entry name → source. A worker's bundle lies beside the entry that starts it. */
function entries(folder) {
  if (folder === 'cli') return { quintet: inRoot('apps/cli/src/main.ts') }
  const found = { main: inRoot('apps/server/src/main.ts'), 'quintet-relay': inRoot('apps/server/src/admin.ts') }
  const workers = inRoot('packages/relay-node/src/workers')
  if (existsSync(workers)) {
    for (const file of readdirSync(workers)) {
      if (/^[a-z-]+\.ts$/.test(file)) found[basename(file, '.ts')] = `${workers}/${file}`
    }
  }
  return found
}

/** Compiled parts that `ws` asks for and does without. */
const external = ['bufferutil', 'utf-8-validate']

async function bundle(rolldown, folder, into) {
  const input = Object.fromEntries(Object.entries(entries(folder)).filter(([, file]) => existsSync(file)))
  if (Object.keys(input).length === 0) return
  const made = await rolldown({ input, cwd: inRoot(), platform: 'node', external, logLevel: 'silent', treeshake: true })
  await made.write({
    dir: `${into}/${folder}`,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
    comments: false,
  })
  await made.close()
  if (existsSync(inRoot(engine))) copyFileSync(inRoot(engine), `${into}/${folder}/${basename(engine)}`)
}

async function buildNow() {
  const now = sourcesPrint()
  const { rolldown } = await import('rolldown')
  const next = inRoot('.cache/dist')
  rmSync(next, { recursive: true, force: true })
  mkdirSync(next, { recursive: true })
  try {
    for (const folder of ['cli', 'server']) await bundle(rolldown, folder, next)
  } catch (error) {
    throw new Refusal(`${error.message}\nQuintet could not be built.`)
  }
  const old = inRoot('.cache/dist-old')
  rmSync(old, { recursive: true, force: true })
  if (existsSync(inRoot('dist'))) renameSync(inRoot('dist'), old)
  renameSync(next, inRoot('dist'))
  rmSync(old, { recursive: true, force: true })
  stampBuilt(now)
}

/** Generates and bundles what is missing or stale. Several processes may ask at once: one builds, the others wait. */
export async function ensureBuilt() {
  await ensureGenerated()
  if (isBuilt()) return
  await alone('build', async () => {
    if (!isBuilt()) await buildNow()
  })
}
