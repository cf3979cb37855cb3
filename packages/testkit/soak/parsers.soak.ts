import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Soak } from '../../../scripts/soak/soak.ts'

const root = join(import.meta.dirname, '../../..')
/** How many times as many tries as in `npm test`. */
const factor = 8

/** Every file of tests whose properties run by scripts/fuzz/runs.ts, in a fixed order. */
function fuzzed(): readonly string[] {
  return ['packages', 'apps']
    .flatMap((kind) =>
      readdirSync(join(root, kind), { recursive: true, encoding: 'utf8' }).map((path) => join(kind, path)),
    )
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
    .filter((path) => readFileSync(join(root, path), 'utf8').includes('scripts/fuzz/runs.ts'))
    .sort()
}

const run = promisify(execFile)

/** Plays the properties of one file under that seed; rejects with what vitest says. */
async function play(file: string, seed: number): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const env = { ...process.env, QUINTET_FUZZ_SEED: String(seed), QUINTET_FUZZ_FACTOR: String(factor) }
  const args = [vitest, 'run', file, '--reporter=verbose', '--testTimeout=600000']
  try {
    const { stdout } = await run(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 })
    return stdout.split('\n').filter((line) => line.includes('✓')).length
  } catch (error) {
    const told = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`${file}: ${told.slice(-6000)}`, { cause: error })
  }
}

const files = fuzzed()

export const soak: Soak = {
  name: 'parsers',
  about: 'every parser that meets bytes from outside, one file of properties a round',
  rounds: 3 * files.length,
  async round(seed) {
    const file = files[seed % files.length]
    if (file === undefined) throw new Error('there is something to fuzz')
    return { properties: await play(file, seed), factor }
  },
}
