import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { inRoot } from '../../../../scripts/lib/root.js'

/** A relay in a process of its own, as `npm start` runs it, with the limits that it comes with. */
export interface Relay extends AsyncDisposable {
  readonly url: string
}

function parseUrl(line: string): string {
  const { url } = JSON.parse(line) as { readonly url: string }
  return url
}

/** Over the folder `data`. */
export async function startRelay(data: string): Promise<Relay> {
  const argv = [inRoot('dist/server/main.js'), '--port', '0', '--data', data, '--json']
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line]: string[] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    url: parseUrl(line ?? ''),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What dozens of people who live at one address do within a minute; nothing that linking itself meets. */
const policy = { offersPerAddress: '10000', lookups: '1000000/1000000' }

/** Makes the folder of a relay at which they may. */
export async function makeRelay(data: string): Promise<void> {
  mkdirSync(data)
  // Once for its database; the limits stand when it starts again.
  await (await startRelay(data))[Symbol.asyncDispose]()
  for (const [key, value] of Object.entries(policy)) {
    const argv = ['policy', 'set', key, value, '--data', data]
    execFileSync(process.execPath, [inRoot('dist/server/quintet-relay.js'), ...argv], { stdio: 'ignore' })
  }
}
