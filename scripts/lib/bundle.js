import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Refusal } from './fail.js'
import { ensureGenerated } from './generate.js'
import { alone } from './lock.js'
import { inRoot, root } from './root.js'
import { isBuilt, stampBuilt } from './stamp.js'

const engine = inRoot('packages/crypto/wasm/quintet_mls.wasm')

/** Each script of that folder is a worker: its bundle lies beside the one that starts it. */
function workersOf(folder) {
  const files = readdirSync(inRoot(folder)).filter((file) => /^[a-z-]+\.ts$/.test(file))
  return Object.fromEntries(files.map((file) => [basename(file, '.ts'), inRoot(folder, file)]))
}

/** App → its bundles, by name. */
const entries = {
  cli: () => ({ quintet: inRoot('apps/cli/src/main.ts') }),
  server: () => ({
    main: inRoot('apps/server/src/main.ts'),
    'quintet-relay': inRoot('apps/server/src/admin.ts'),
    ...workersOf('packages/relay-node/src/workers'),
  }),
}

/** Compiled parts that `ws` asks for and does without. */
const external = ['bufferutil', 'utf-8-validate']

async function bundle(app, into) {
  const { rolldown } = await import('rolldown')
  const input = entries[app]()
  const made = await rolldown({ input, cwd: inRoot(), platform: 'node', external, logLevel: 'silent' })
  await made.write({
    dir: into,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
    comments: false,
  })
  const read = await made.watchFiles
  await made.close()
  if (app === 'cli') copyFileSync(engine, join(into, basename(engine)))
  return sourcesOf(read)
}

/** What else a bundle follows from: how it is made, what the generated code comes from, what is installed. */
const always = ['scripts/lib/bundle.js', 'protocol/quintet', 'package-lock.json', relative(root, engine)]

/** The checkout's part of what was read, with the manifests that say what leads where. */
function sourcesOf(read) {
  const own = read.map((file) => relative(root, file)).filter((file) => !/^\.\.|(^|\/)node_modules\//.test(file))
  const manifests = own.map((file) => `${file.split('/').slice(0, 2).join('/')}/package.json`)
  return [...new Set([...always, ...manifests, ...own])].sort()
}

async function build(app) {
  const since = Date.now()
  const next = inRoot('.cache', `dist-${app}`)
  const old = inRoot('.cache', `dist-${app}-old`)
  for (const folder of [next, old]) rmSync(folder, { recursive: true, force: true })
  let sources
  try {
    sources = await bundle(app, next)
  } catch (error) {
    throw new Refusal(`${stripVTControlCharacters(error.message).trim()}\nQuintet could not be built.`)
  }
  mkdirSync(inRoot('dist'), { recursive: true })
  const made = inRoot('dist', app)
  if (existsSync(made)) renameSync(made, old)
  renameSync(next, made)
  rmSync(old, { recursive: true, force: true })
  // What Node compiled of earlier bundles is never asked for again.
  rmSync(inRoot('.cache/compiled'), { recursive: true, force: true })
  stampBuilt(app, sources, since)
}

/** Generates and bundles what is missing or stale. Several processes may ask at once: one builds, the others wait. */
export async function ensureBuilt(...apps) {
  await ensureGenerated()
  if (apps.every(isBuilt)) return
  await alone('build', async () => {
    for (const app of apps) if (!isBuilt(app)) await build(app)
  })
}
