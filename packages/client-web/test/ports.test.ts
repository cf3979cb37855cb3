import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveApp } from './app-server.ts'
import type { Verdict } from './browser/vitest.ts'
import { newTab, startChromium } from './tab.ts'

let app: Awaited<ReturnType<typeof serveApp>>
let browser: Browser

beforeAll(async () => {
  ;[app, browser] = await Promise.all([serveApp(), startChromium()])
})
afterAll(async () => {
  await browser.close()
  app.close()
})

test('in a worker of Chromium every adapter keeps the contract of its port', async () => {
  await using context = await browser.newContext()
  const { page } = await newTab(context, app.origin)
  await page.waitForFunction('globalThis.story')
  const verdicts: readonly Verdict[] = await page.evaluate('story.contract()')
  expect(verdicts.filter(({ fault }) => fault !== undefined)).toEqual([])
  expect(verdicts.length).toBeGreaterThan(15)
})
