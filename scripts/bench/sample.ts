import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Refusal } from '../lib/fail.js'
import type { Figure } from './bench.ts'

/** The kernel counts processor time of processes in hundredths of a second. */
const tickMs = 10

/** Processor time, user and system, of all children that have ended, ms; undefined where the system does not tell. */
function childrenCpuMs(): number | undefined {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) * tickMs
  } catch {
    return undefined
  }
}

/** Runs a Node script to its end; answers its wall time in ms, process start included. Fails unless it exits with 0. */
async function runMs(argv: readonly string[]): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const [code]: unknown[] = await once(child, 'close')
  const ms = performance.now() - from
  if (code !== 0)
    throw new Refusal(`${argv.join(' ')} ended with ${String(code)}, so its time says nothing: ${said.trim()}`)
  return ms
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

const round = (ms: number) => Math.round(ms * 10) / 10

/**
 * The median wall time of a command in a process of its own, over `runs` runs after `warm` that do not count.
 *
 * `argv` gets the number of the run, from 0, warm ones included.
 */
export async function sampleProcess(
  name: string,
  argv: (run: number) => readonly string[],
  { runs = 15, warm = 2 } = {},
): Promise<Figure> {
  for (let at = 0; at < warm; at++) await runMs(argv(at))
  const before = childrenCpuMs()
  const all: number[] = []
  for (let at = warm; at < warm + runs; at++) all.push(await runMs(argv(at)))
  const after = childrenCpuMs()
  all.sort((a, b) => a - b)
  return {
    name,
    value: round(quantile(all, 0.5)),
    unit: 'ms',
    detail: {
      runs,
      min: round(all[0] ?? 0),
      p90: round(quantile(all, 0.9)),
      ...(before !== undefined && after !== undefined && { cpu: round((after - before) / runs) }),
    },
  }
}
