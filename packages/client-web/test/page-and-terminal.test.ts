import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRelay } from '@quintet/relay-node'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveApp } from './app-server.ts'
import { terminal } from './cli.ts'
import { newTab, startChromium } from './tab.ts'

const folder = mkdtempSync(join(tmpdir(), 'quintet-web-'))
let relay: Awaited<ReturnType<typeof startRelay>>
let app: Awaited<ReturnType<typeof serveApp>>
let browser: Browser

beforeAll(async () => {
  ;[relay, app, browser] = await Promise.all([
    startRelay({ dataDir: join(folder, 'relay') }),
    serveApp(),
    startChromium(),
  ])
})
afterAll(async () => {
  await browser.close()
  app.close()
  await relay.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Shown {
  readonly from: string
  readonly text: string
}

test('a page in Chromium and a terminal write to each other, and the page has it all after it was loaded anew', async () => {
  await using context = await browser.newContext()
  const mara = await newTab(context, app.origin)
  const bob = terminal(join(folder, 'bob'), relay.url)

  expect(await mara.open(relay.url)).toEqual({ value: undefined })
  const [, { account }] = await Promise.all([
    bob('signup', '--handle', 'bob'),
    mara.ask<{ account: string }>('signUp', { handle: 'mara', kind: 'web' }),
  ])
  await mara.ask('send', 'bob', 'from a page')
  expect(await bob('messages', 'mara')).toEqual([expect.objectContaining({ from: 'mara', text: 'from a page' })])
  await bob('accept', 'mara')
  await bob('send', 'mara', 'from a terminal')
  await mara.hears({ event: 'message', message: { text: 'from a terminal' } })

  const texts = async () => {
    const [chat] = await mara.ask<{ chat: string; title: string }[]>('chats')
    const shown = await mara.ask<Shown[]>('messages', chat?.chat, 50)
    return shown.map(({ from, text }) => `${from}: ${text}`).sort()
  }
  expect(await texts()).toEqual(['bob: from a terminal', 'mara: from a page'])

  await mara.page.reload()
  expect(await mara.open()).toEqual({ value: undefined })
  expect(await mara.ask('self')).toMatchObject({ account, handle: 'mara' })
  expect(await texts()).toEqual(['bob: from a terminal', 'mara: from a page'])
  await mara.ask('send', 'bob', 'still here')
  expect((await bob('messages', 'mara')).at(-1)).toMatchObject({ text: 'still here' })
  expect(mara.complaints).toEqual([])
}, 40_000)
