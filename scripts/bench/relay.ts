import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inRoot } from '../lib/root.js'

const unlimited = '1000000/1000000'
/** What a thousand devices, or a profile of hundreds of chats, do within minutes from one address goes beyond the defaults. */
const policy = {
  signUpsPerAddress: unlimited,
  publicRequestsPerAddress: unlimited,
  lookups: unlimited,
  requests: unlimited,
  appends: unlimited,
  commits: unlimited,
  codeTries: unlimited,
  offersPerAddress: '100000',
  keyPackagesPerDay: '1000000',
  keyPackagesPerDayForStrangers: '1000000',
}

/** A relay in a process of its own, as `npm start` runs it. */
export interface Relay extends AsyncDisposable {
  readonly url: string
}

function parseUrl(line: string): string {
  const { url } = JSON.parse(line) as { readonly url: string }
  return url
}

async function start(data: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [inRoot('dist/server/main.js'), '--port', '0', '--data', data, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [line]: string[] = await once(lines, 'line')
  return { url: parseUrl(line ?? ''), child }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
}

/** Starts one in an empty folder, with limits that a benchmark does not meet. */
export async function startRelay(folder: string): Promise<Relay> {
  const data = join(folder, 'relay')
  // Once for its database; the limits stand when it starts again.
  await stop((await start(data)).child)
  for (const [key, value] of Object.entries(policy)) {
    const command = ['policy', 'set', key, value, '--data', data]
    execFileSync(process.execPath, [inRoot('dist/server/quintet-relay.js'), ...command], { stdio: 'ignore' })
  }
  const { url, child } = await start(data)
  return { url, [Symbol.asyncDispose]: () => stop(child) }
}
