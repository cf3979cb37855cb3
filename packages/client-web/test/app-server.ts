import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { servePeers } from './peer-server.ts'

/** The headers that the web app will have, but that the relay is another origin here. */
const headers = {
  'content-security-policy': [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "connect-src 'self' ws://127.0.0.1:*",
    "require-trusted-types-for 'script'",
    'trusted-types quintet',
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

interface Served {
  readonly type: string
  readonly body: string | Uint8Array
}

async function bundle(): Promise<Map<string, Served>> {
  const entry = (name: string) => fileURLToPath(new URL(`./browser/${name}.ts`, import.meta.url))
  const built = await rolldown({
    input: Object.fromEntries(['page', 'worker', 'contract', 'holder'].map((name) => [name, entry(name)])),
    resolve: { alias: { vitest: entry('vitest') } },
    platform: 'browser',
    logLevel: 'warn',
  })
  const { output } = await built.generate({ format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].js' })
  await built.close()
  return new Map(
    output.flatMap((one) =>
      one.type === 'chunk' ? [[`/${one.fileName}`, { type: 'text/javascript', body: one.code }] as const] : [],
    ),
  )
}

/** Serves the page of `browser/` and all that it loads, on a port of its own: another origin than the relay's. */
export async function serveApp(): Promise<{ readonly origin: string; close(): void }> {
  const files = await bundle()
  const wasm = (specifier: string) => ({
    type: 'application/wasm',
    body: readFileSync(fileURLToPath(import.meta.resolve(specifier))),
  })
  files.set('/', { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' })
  files.set('/favicon.ico', { type: 'image/x-icon', body: '' })
  files.set('/quintet_mls.wasm', wasm('@quintet/crypto/quintet_mls.wasm'))
  files.set('/sqlite3.wasm', wasm('@sqlite.org/sqlite-wasm/sqlite3.wasm'))
  const server = createServer((request, response) => {
    const found = files.get(new URL(request.url ?? '/', 'http://app').pathname)
    if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, { ...headers, 'content-type': found.type }).end(found.body)
  })
  servePeers(server)
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
