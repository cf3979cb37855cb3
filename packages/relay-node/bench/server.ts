import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inRoot } from '../../../scripts/lib/root.js'
import { nowMs } from './load/clock.ts'

/** What a benchmark's few devices do in a minute, from one address, nobody else does in a day. */
const policy = {
  signUpsPerAddress: '1000000/1000000',
  publicRequestsPerAddress: '1000000/1000000',
  requests: '10000000/100000000',
  appends: '10000000/100000000',
  commits: '1000000/1000000',
  writtenBytes: '999999999/999999999',
  readBytes: '999999999/999999999',
}

/** One core for the server and one for the load, where that can be said. */
const pinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0

export function onCore(core: number, command: readonly string[]): readonly [string, readonly string[]] {
  const [program = '', ...rest] = command
  return pinned ? ['taskset', ['-c', String(core), program, ...rest]] : [program, rest]
}

function parseUrl(line: string): string {
  const { url } = JSON.parse(line) as { readonly url: string }
  return url
}

export interface Spent {
  readonly atMs: number
  readonly cpuMs: number
  readonly writtenBytes: number
}

/** The relay or the floor, in a process of its own. */
export class Server {
  readonly url: string
  /** From exec to listening. */
  readonly readyMs: number
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, url: string, readyMs: number) {
    this.child = child
    this.url = url
    this.readyMs = readyMs
  }

  private static async run(script: readonly string[]): Promise<Server> {
    const [program, argv] = onCore(0, [process.execPath, ...script])
    const from = nowMs()
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })
    const [line]: string[] = await once(lines, 'line')
    return new Server(child, parseUrl(line ?? ''), nowMs() - from)
  }

  /** As `npm start` runs it, with limits that a benchmark does not meet. */
  static async relay(data: string, options: readonly string[] = []): Promise<Server> {
    const run = (): Promise<Server> =>
      Server.run([...options, inRoot('dist/server/main.js'), '--port', '0', '--data', data, '--json'])
    if (existsSync(data)) return run()
    mkdirSync(data, { recursive: true })
    await (await run()).stop()
    for (const [key, value] of Object.entries(policy)) {
      const command = ['policy', 'set', key, value, '--data', data]
      execFileSync(process.execPath, [inRoot('dist/server/quintet-relay.js'), ...command], { stdio: 'ignore' })
    }
    return run()
  }

  static floor(data: string, options: readonly string[] = []): Promise<Server> {
    mkdirSync(data, { recursive: true })
    return Server.run([...options, fileURLToPath(new URL('floor.ts', import.meta.url)), join(data, 'floor.db')])
  }

  /** What it has cost so far: all its threads, user and system; what it has had written to the disk. */
  spent(): Spent {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    const io = readFileSync(`/proc/${this.child.pid}/io`, 'utf8')
    const written = /^write_bytes: ([0-9]+)$/m.exec(io)?.[1]
    return { atMs: nowMs(), cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, writtenBytes: Number(written) }
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'close')
    this.child.kill('SIGTERM')
    await ended
  }
}
