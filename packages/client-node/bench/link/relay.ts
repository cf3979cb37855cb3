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

/** A folder of a relay at which dozens of people who live at one address link their second devices within a minute. */
export async function allowOffers(data: string): Promise<void> {
  mkdirSync(data)
  // Once for its database; the limit stands when it starts again.
  await (await startRelay(data))[Symbol.asyncDispose]()
  const argv = ['policy', 'set', 'offersPerAddress', '10000', '--data', data]
  execFileSync(process.execPath, [inRoot('dist/server/quintet-relay.js'), ...argv], { stdio: 'ignore' })
}
