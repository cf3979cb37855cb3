import { existsSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mlsStory } from './mls-story.ts'
import { serveStory } from './story-server.ts'

const here = mlsStory(readFileSync(new URL('../wasm/quintet_mls.wasm', import.meta.url)))
let served: Awaited<ReturnType<typeof serveStory>>

beforeAll(async () => {
  served = await serveStory()
})
afterAll(() => {
  served.server.closeAllConnections()
  served.server.close()
})

function browserAt(path: string, debian: string): string {
  if (existsSync(path)) return path
  throw new Error(
    `${path} is missing: RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${debian}`,
  )
}

test('the story in Node is the one we mean', () => {
  expect(here).toEqual(
    ['base', 'hybrid'].flatMap((suite) =>
      [
        'b hears: hello',
        'b hears again: replayed',
        'a sees c enter: commit to 2, 3 leaves',
        'b sees c enter: commit to 2, 3 leaves',
        'b hears c: here',
        'c sees b go: commit to 3, 2 leaves',
        'b hears on: wrong-epoch',
        'c hears on: without b',
        'same secret: true',
        'garbage: malformed',
        'rows changed: true',
      ].map((line) => `${suite} ${line}`),
    ),
  )
})

describe('the same module tells the same story', () => {
  test('in Chromium, in a page and in a worker', async () => {
    const browser = await chromium.launch({
      executablePath: browserAt('/usr/bin/chromium', 'chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    })
    try {
      const page = await browser.newPage()
      await page.goto(served.url)
      await page.waitForFunction('globalThis.ready')
      expect(await page.evaluate('inPage()')).toEqual(here)
      expect(await page.evaluate('inWorker()')).toEqual(here)
    } finally {
      await browser.close()
    }
  })

  test('in Firefox, in a page and in a worker', async () => {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: browserAt('/usr/bin/firefox-esr', 'firefox-esr'),
    })
    try {
      const page = await browser.newPage()
      await page.goto(served.url)
      await page.waitForFunction('globalThis.ready')
      expect(await page.evaluate('inPage()')).toEqual(here)
      expect(await page.evaluate('inWorker()')).toEqual(here)
    } finally {
      await browser.close()
    }
  })
})
