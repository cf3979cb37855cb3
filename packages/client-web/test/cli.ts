import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url))

export type Line = Readonly<Record<string, unknown>>

function parseLine(text: string): Line {
  return JSON.parse(text) as Line
}

/** A terminal with a profile folder: runs `quintet … --json` as a process of its own, to its end, and answers its lines. */
export function terminal(profile: string, relay: string): (...argv: readonly string[]) => Promise<readonly Line[]> {
  return async (...argv) => {
    const where = ['--profile', profile, '--relay', relay, '--json']
    const node = ['--disable-warning=ExperimentalWarning', main]
    const { stdout } = await promisify(execFile)(process.execPath, [...node, ...where, ...argv])
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [parseLine(line)]))
  }
}
