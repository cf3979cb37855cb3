import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('what is stored is read while the engine does not load; what needs it says so, and goes once it does', async () => {
  await using browser = await world.browser()
  const mara = await world.tab(browser)
  await mara.open(world.relay)
  await mara.ask('signUp', { handle: 'mara', kind: 'web' })
  await mara.ask('send', 'self', 'a note')

  await browser.route('**/quintet_mls.wasm', (route) => route.abort())
  await mara.page.reload()
  expect(await mara.open()).toEqual({ value: undefined })
  expect(await mara.ask('chats')).toMatchObject([{ last: { text: 'a note' } }])
  expect(await mara.ask('devices')).toMatchObject([{ kind: 'web', self: true }])
  expect(await mara.refused('send', 'self', 'too early')).toBe('offline')
  await browser.unroute('**/quintet_mls.wasm')
  await mara.ask('send', 'self', 'now')
  expect(await mara.ask('chats')).toMatchObject([{ last: { text: 'now' } }])
})

test('a browser out of room says so, loses nothing, and writes on when there is some', async () => {
  await using browser = await world.browser()
  const mara = await world.tab(browser)
  await mara.open(world.relay)
  await mara.ask('signUp', { handle: 'nora', kind: 'web' })
  await mara.ask('send', 'self', 'before')

  const devtools = await browser.newCDPSession(mara.page)
  const { origin } = new URL(mara.page.url())
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
  const codes = new Set<string>()
  for (let n = 0; n < 40 && !codes.has('disk-full'); n++) {
    const outcome = await mara.try('send', 'self', 'x'.repeat(30_000))
    if ('code' in outcome) codes.add(`${outcome.code} ${outcome.sentence}`)
  }
  expect([...codes]).toEqual([expect.stringMatching(/^disk-full /)])
  await devtools.send('Storage.overrideQuotaForOrigin', { origin })
  await mara.ask('send', 'self', 'after')
  await mara.page.reload()
  await mara.open()
  const [chat] = await mara.ask<readonly { readonly chat: string }[]>('chats')
  const texts = await mara.ask<readonly { readonly text: string }[]>('messages', chat?.chat, 100)
  expect([texts[0]?.text, texts.at(-1)?.text]).toEqual(['before', 'after'])
})

test('a worker that cannot be loaded is told, and the profile is free again', async () => {
  await using browser = await world.browser()
  const mara = await world.tab(browser)
  await browser.route('**/worker.js', (route) => route.abort())
  expect(await mara.open(world.relay)).toMatchObject({ code: 'WorkerFault' })
  await browser.unroute('**/worker.js')
  expect(await mara.open(world.relay, 200)).toEqual({ value: undefined })
})

test('a worker that breaks ends what waits, says so, and the same tab opens the profile anew', async () => {
  await using browser = await world.browser()
  const mara = await world.tab(browser)
  await mara.open(world.relay)
  await mara.page.evaluate('story.link("Browser")')
  await mara.page.evaluate('story.break()')
  expect(await mara.page.evaluate('story.linked()')).toMatchObject({ code: 'WorkerFault' })
  expect(await mara.page.evaluate('story.faults()')).toEqual(['RangeError: an invariant broke'])
  expect(await mara.refused('chats')).toBe('WorkerFault')
  expect(await mara.open()).toEqual({ value: undefined })
  expect(await mara.ask('signUp', { handle: 'olga', kind: 'web' })).toMatchObject({ recovery: expect.any(String) })
})
