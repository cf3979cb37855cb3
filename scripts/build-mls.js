import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { Refusal, orExplain } from './lib/fail.js'
import { builtDigests, sourcesDigest } from './lib/mls-digest.js'
import { glueFactory, glueTypes } from './lib/mls-glue.js'
import { inRoot, root } from './lib/root.js'
import { run } from './lib/run.js'

const target = 'wasm32-unknown-unknown'
const made = inRoot('.cache/mls')
const out = inRoot('packages/crypto/wasm')

/** What rustc may emit and every browser in use understands. */
const features = [
  'bulk-memory',
  'nontrapping-float-to-int',
  'sign-ext',
  'reference-types',
  'mutable-globals',
  'multivalue',
]

async function step(command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new Refusal(`${output.trim()}\n\`${command} ${args.join(' ')}\` failed.`)
  return output.trim()
}

/** Paths of this machine stay out of the module, so that two machines build the same one. */
function rustFlags() {
  const cargo = process.env.CARGO_HOME ?? `${homedir()}/.cargo`
  return `--remap-path-prefix=${cargo}/registry/src=registry --remap-path-prefix=${root}=quintet`
}

await orExplain(async () => {
  const rustc = await step('rustc', ['--version'])
  const cargo = ['build', '--release', '--locked']
  await step('cargo', cargo, { cwd: inRoot('crates/bindgen') })
  await step('cargo', [...cargo, '--target', target], { cwd: inRoot('crates/mls'), env: { RUSTFLAGS: rustFlags() } })

  rmSync(made, { recursive: true, force: true })
  mkdirSync(made, { recursive: true })
  mkdirSync(out, { recursive: true })
  const bindgen = inRoot('crates/bindgen/target/release/quintet-bindgen')
  await step(bindgen, [inRoot(`crates/mls/target/${target}/release/quintet_mls.wasm`), made])
  const flags = features.map((feature) => `--enable-${feature}`)
  await step('wasm-opt', ['-O3', ...flags, `${made}/quintet_mls_bg.wasm`, '-o', `${out}/quintet_mls.wasm`])
  writeFileSync(`${out}/quintet_mls.js`, glueFactory(readFileSync(`${made}/quintet_mls.js`, 'utf8')))
  writeFileSync(`${out}/quintet_mls.d.ts`, glueTypes(readFileSync(`${made}/quintet_mls.d.ts`, 'utf8')))

  const wasmOpt = await step('wasm-opt', ['--version'])
  const record = { sources: sourcesDigest(), built: builtDigests(), rustc, wasmOpt }
  writeFileSync(`${out}/digest.json`, `${JSON.stringify(record, undefined, 2)}\n`)
})
