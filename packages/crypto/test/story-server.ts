import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

const packageRoot = new URL('../', import.meta.url)

/** What the page runs, and what its worker runs. */
const scripts: Readonly<Record<string, string>> = {
  '/page.js': `
    import { mlsStory } from '/test/mls-story.ts'
    const wasm = new Uint8Array(await (await fetch('/wasm/quintet_mls.wasm')).arrayBuffer())
    globalThis.inPage = () => mlsStory(wasm)
    globalThis.inWorker = () => new Promise((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = (event) => resolve(event.data)
      worker.onerror = (event) => reject(new Error(event.message))
    })
    globalThis.ready = true
  `,
  '/worker.js': `
    import { mlsStory } from '/test/mls-story.ts'
    const wasm = new Uint8Array(await (await fetch('/wasm/quintet_mls.wasm')).arrayBuffer())
    postMessage(mlsStory(wasm))
  `,
  '/bench.js': `
    import { measureGroup } from '/bench/measure.ts'
    const module = await WebAssembly.compileStreaming(fetch('/wasm/quintet_mls.wasm'))
    onmessage = ({ data: [suite, leaves, runs] }) => postMessage(measureGroup(module, suite, leaves, runs))
    postMessage('ready')
  `,
}

function bodyOf(path: string): { readonly type: string; readonly body: string | Uint8Array } | undefined {
  if (path === '/') return { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' }
  const script = scripts[path]
  if (script !== undefined) return { type: 'text/javascript', body: script }
  if (!/^\/(src|test|bench|wasm)\/[\w/.-]+$/.test(path) || path.includes('..')) return undefined
  const file = readFileSync(fileURLToPath(new URL(`.${path}`, packageRoot)))
  if (path.endsWith('.wasm')) return { type: 'application/wasm', body: file }
  const text = file.toString('utf8')
  return { type: 'text/javascript', body: path.endsWith('.ts') ? stripTypeScriptTypes(text) : text }
}

/** Serves the engine as it is, under the headers that the web app will have. */
export async function serveStory(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const found = bodyOf(request.url ?? '/')
    if (!found) {
      response.writeHead(404).end()
      return
    }
    response
      .writeHead(200, {
        'content-type': found.type,
        'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
      })
      .end(found.body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}/`, server }
}
