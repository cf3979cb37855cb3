import { existsSync } from 'node:fs'
import { Refusal } from './fail.js'
import { alone } from './lock.js'
import { run } from './run.js'
import { inRoot } from './root.js'
import { fingerprint, isStamped, stamp } from './stamp.js'

const output = 'packages/wire/src/gen'
const stampFile = '.cache/generated'
const print = () => fingerprint('protocol/quintet', 'protocol/buf.yaml', 'buf.gen.yaml', 'package-lock.json')
const isFresh = () => existsSync(inRoot(output, 'quintet')) && isStamped(stampFile, print())

/** Writes the TypeScript of the .proto files where it is missing or older than they are. */
export async function ensureGenerated() {
  if (isFresh()) return
  await alone('generate', async () => {
    if (isFresh()) return
    const now = print()
    const { code, output: said } = await run('buf', ['generate', 'protocol'])
    if (code !== 0) throw new Refusal(`${said.trim()}\nThe code for the protocol could not be generated.`)
    stamp(stampFile, now)
  })
}
