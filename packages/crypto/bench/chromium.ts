import { chromium } from 'playwright-core'
import type { Suite } from '../src/mls-engine.ts'
import { serveStory } from '../test/story-server.ts'
import type { Measured } from './measure.ts'

export interface Measurer extends AsyncDisposable {
  measure(suite: Suite, leaves: number, runs: number): Promise<Measured>
}

const path = '/usr/bin/chromium'

/** Chromium with a page whose worker measures. */
export async function openChromium(): Promise<Measurer> {
  const { url, server } = await serveStory()
  const browser = await chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
  const page = await browser.newPage()
  await page.goto(url)
  await page.evaluate(`new Promise((resolve) => {
    globalThis.bench = new Worker('/bench.js', { type: 'module' })
    bench.onmessage = resolve
  }).then(() => undefined)`)
  return {
    measure: (suite, leaves, runs) =>
      page.evaluate<Measured>(`new Promise((resolve, reject) => {
        bench.onmessage = (event) => resolve(event.data)
        bench.onerror = (event) => reject(new Error(event.message))
        bench.postMessage(${JSON.stringify([suite, leaves, runs])})
      })`),
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
