import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { inRoot, root } from '../lib/root.js'

/** What the figures were made on, and of. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly sqlite: string
  readonly quintet: string
  readonly commit: string
  /** Runnable processes over the last minute: above the number of cores, wall times say little. */
  readonly load: number
  /** How long Node takes to do nothing, the median of nine: what the machine is worth just now. */
  readonly nodeStartMs: number
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

function parseVersion(text: string): string {
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}

function nodeStartMs(): number {
  const all = Array.from({ length: 9 }, () => {
    const from = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    return performance.now() - from
  }).sort((a, b) => a - b)
  return Math.round(all[4] ?? 0)
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    quintet: parseVersion(readFileSync(inRoot('package.json'), 'utf8')),
    commit: commitOf(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    nodeStartMs: nodeStartMs(),
  }
}
