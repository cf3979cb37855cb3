import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveApp } from './app-server.ts'
import type { Verdict } from './browser/vitest.ts'
import { startChromium, startFirefox } from './browsers.ts'
import { newTab } from './tab.ts'

/** Workers end when the browser gets to it. */
const patiently = { timeout: 10_000 }

let app: Awaited<ReturnType<typeof serveApp>>
let browser: Browser

beforeAll(async () => {
  ;[app, browser] = await Promise.all([serveApp(), startChromium()])
})
afterAll(async () => {
  await browser.close()
  app.close()
})

/** What is promised is the same everywhere; a script whose tests were not collected has promised nothing. */
function expectKept(verdicts: readonly Verdict[]): void {
  expect(verdicts.filter(({ fault }) => fault !== undefined)).toEqual([])
  expect(verdicts.length).toBeGreaterThan(20)
}

test('in a worker of Chromium every adapter keeps the contract of its port, and the database what else is promised', async () => {
  await using context = await browser.newContext()
  const { page } = await newTab(context, app.origin)
  expectKept(await page.evaluate('story.contract()'))
})

test('and so they do in a worker of Firefox', async () => {
  const firefox = await startFirefox()
  try {
    const page = await firefox.newPage()
    await page.goto(app.origin)
    expectKept((await page.evaluate('story.contract()')) as readonly Verdict[])
  } finally {
    await firefox.close()
  }
})

test('files that another worker holds are refused, come to no harm, and are had once it ends', async () => {
  await using context = await browser.newContext()
  const { page } = await newTab(context, app.origin)
  const hold = () => page.evaluate('story.hold("holder")')
  expect(await hold()).toEqual({ rows: 1 })
  expect(await hold()).toEqual({ fault: 'FilesHeldError' })
  expect(await hold()).toEqual({ fault: 'FilesHeldError' })
  await page.evaluate('story.letGo()')
  await expect.poll(hold, patiently).toEqual({ rows: 2 })
})

test('files that the browser fails to open for a moment are there when it can again', async () => {
  await using context = await browser.newContext()
  const { page } = await newTab(context, app.origin)
  const hold = () => page.evaluate('story.hold("holder")')
  expect(await hold()).toEqual({ rows: 1 })
  await page.evaluate('story.letGo()')
  await expect.poll(hold, patiently).toEqual({ rows: 2 })
  await page.evaluate('story.letGo()')
  await expect.poll(() => page.evaluate('story.hold("failing")'), patiently).toEqual({ fault: 'UnknownError' })
  await page.evaluate('story.letGo()')
  await expect.poll(hold, patiently).toEqual({ rows: 3 })
})
