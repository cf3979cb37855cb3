import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tab } from './tab.ts'
import { createWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function texts(tab: Tab): Promise<readonly string[]> {
  const [chat] = await tab.ask<readonly { readonly chat: string }[]>('chats')
  const shown = await tab.ask<readonly { readonly from: string; readonly text: string }[]>('messages', chat?.chat, 50)
  return shown.map(({ from, text }) => `${from}: ${text}`)
}

test('a page in Chromium and a terminal write to each other, and the page has it all after it was loaded anew', async () => {
  await using browser = await world.browser()
  const mara = await world.tab(browser)
  const bob = world.terminal('bob')

  expect(await mara.open(world.relay)).toEqual({ value: undefined })
  const [{ account }] = await Promise.all([
    mara.ask<{ account: string }>('signUp', { handle: 'mara', kind: 'web' }),
    bob.run('signup', '--handle', 'bob'),
  ])
  await mara.ask('send', 'bob', 'from a page')
  expect(await bob.run('messages', 'mara')).toEqual([expect.objectContaining({ from: 'mara', text: 'from a page' })])
  await bob.run('accept', 'mara')
  await bob.run('send', 'mara', 'from a terminal')
  await mara.hears({ event: 'message', message: { text: 'from a terminal' } })
  expect(await texts(mara)).toEqual(['mara: from a page', 'bob: from a terminal'])

  await mara.page.reload()
  expect(await mara.open()).toEqual({ value: undefined })
  expect(await mara.ask('self')).toMatchObject({ account, handle: 'mara' })
  expect(await texts(mara)).toEqual(['mara: from a page', 'bob: from a terminal'])
  await mara.ask('send', 'bob', 'still here')
  expect((await bob.run('messages', 'mara')).at(-1)).toMatchObject({ text: 'still here' })
  expect(mara.complaints).toEqual([])
}, 60_000)

test('a terminal approves a browser, the browser approves another terminal, and each reads what the others write', async () => {
  await using browser = await world.browser()
  const page = await world.tab(browser)
  const [phone, laptop] = [world.terminal('nora'), world.terminal('nora-laptop')]
  await phone.run('signup', '--handle', 'nora')

  await page.open(world.relay)
  const code = await page.page.evaluate('story.link("Browser")')
  await phone.run('approve', String(code), '--yes', '--manage')
  expect(await page.page.evaluate('story.linked()')).toMatchObject({ value: { device: expect.any(String) } })
  const { first, ended } = await laptop.start('link', '--kind', 'desktop', '--name', 'Laptop', '--yes')
  expect(await page.page.evaluate(`story.approve(${JSON.stringify(first['code'])}, false)`)).toMatchObject({
    value: { kind: 'desktop' },
  })
  await ended

  await page.ask('send', 'self', 'from the browser')
  for (const terminal of [phone, laptop])
    expect(await terminal.run('messages', 'self')).toEqual([expect.objectContaining({ text: 'from the browser' })])
  await laptop.run('send', 'self', 'from the laptop')
  await page.hears({ event: 'message', message: { text: 'from the laptop' } })
  expect(await page.ask('devices')).toMatchObject([
    { kind: 'phone', main: true },
    { kind: 'web', name: 'Browser', self: true },
    { kind: 'desktop', name: 'Laptop' },
  ])
}, 60_000)
