import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url))

type Line = Readonly<Record<string, unknown>>

/** Somebody at a terminal: every command is a process of its own. */
export interface Terminal {
  /** Runs `quintet … --json` to its end, which must be a good one; answers its lines. */
  run(...argv: readonly string[]): Promise<readonly Line[]>
  /** Starts it; answers its first line, and how to wait for its end. */
  start(...argv: readonly string[]): Promise<{ readonly first: Line; readonly ended: Promise<readonly Line[]> }>
}

function parseLine(text: string): Line {
  return JSON.parse(text) as Line
}

export function terminal(profile: string, relay: string): Terminal {
  const begin = (argv: readonly string[]) => {
    const node = ['--disable-warning=ExperimentalWarning', main]
    const child = spawn(process.execPath, [...node, '--profile', profile, '--relay', relay, '--json', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out = createInterface(child.stdout)
    const lines: Line[] = []
    let complaint = ''
    out.on('line', (text) => lines.push(parseLine(text)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    const ended = once(child, 'close').then(([code]: unknown[]) => {
      if (code !== 0) throw new TypeError(`${argv.join(' ')} ended with ${String(code)}: ${complaint}`)
      return lines
    })
    return { out, ended }
  }
  return {
    run: (...argv) => begin(argv).ended,
    async start(...argv) {
      const { out, ended } = begin(argv)
      const line = once(out, 'line').then(([text]: unknown[]) => parseLine(String(text)))
      return { first: await Promise.race([line, ended.then((lines) => lines[0] ?? {})]), ended }
    },
  }
}
