import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChromiumIn } from './browsers.ts'
import { createWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('a second tab is told that another one has the profile, and gets it whole when that one is closed', async () => {
  await using browser = await world.browser()
  const [first, second] = [await world.tab(browser), await world.tab(browser)]
  await first.open(world.relay)
  await first.ask('signUp', { handle: 'mara', kind: 'web' })

  expect(await second.open(world.relay, 200)).toEqual({
    code: 'profile-in-use',
    sentence: expect.stringContaining('open in another tab'),
  })
  await first.ask('send', 'self', 'the first goes on')
  const waiting = second.open(undefined, 20_000)
  await first.page.close()
  expect(await waiting).toEqual({ value: undefined })
  expect(await second.ask('self')).toMatchObject({ handle: 'mara' })
  expect(await second.ask('chats')).toMatchObject([{ last: { text: 'the first goes on' } }])
  await second.ask('send', 'self', 'and so does the second')
  expect(second.complaints).toEqual([])
})

test('a tab that closes the client lets another one in', async () => {
  await using browser = await world.browser()
  const [first, second] = [await world.tab(browser), await world.tab(browser)]
  await first.open(world.relay)
  await first.ask('close')
  expect(await second.open(world.relay, 1_000)).toEqual({ value: undefined })
  expect(await first.refused('chats')).toBe('WorkerFault')
})

test('what is stored is read while the engine does not load; what needs it says so, and goes once it does', async () => {
  await using browser = await world.browser()
  const lena = await world.tab(browser)
  await lena.open(world.relay)
  await lena.ask('signUp', { handle: 'lena', kind: 'web' })
  await lena.ask('send', 'self', 'a note')

  await browser.route('**/quintet_mls.wasm', (route) => route.abort())
  await lena.page.reload()
  expect(await lena.open()).toEqual({ value: undefined })
  expect(await lena.ask('chats')).toMatchObject([{ last: { text: 'a note' } }])
  expect(await lena.ask('devices')).toMatchObject([{ kind: 'web', self: true }])
  expect(await lena.refused('send', 'self', 'too early')).toBe('offline')
  await browser.unroute('**/quintet_mls.wasm')
  await lena.ask('send', 'self', 'now')
  expect(await lena.ask('chats')).toMatchObject([{ last: { text: 'now' } }])
})

test('a browser out of room says so, loses nothing, and writes on when there is some', async () => {
  await using browser = await world.browser()
  const lena = await world.tab(browser)
  await lena.open(world.relay)
  await lena.ask('signUp', { handle: 'nora', kind: 'web' })
  await lena.ask('send', 'self', 'before')

  const devtools = await browser.newCDPSession(lena.page)
  const { origin } = new URL(lena.page.url())
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
  const codes = new Set<string>()
  for (let n = 0; n < 40 && !codes.has('disk-full'); n++) {
    const outcome = await lena.try('send', 'self', 'x'.repeat(30_000))
    if ('code' in outcome) codes.add(`${outcome.code} ${outcome.sentence}`)
  }
  expect([...codes]).toEqual([expect.stringMatching(/^disk-full /)])
  await devtools.send('Storage.overrideQuotaForOrigin', { origin })
  await lena.ask('send', 'self', 'after')
  await lena.page.reload()
  await lena.open()
  const [chat] = await lena.ask<readonly { readonly chat: string }[]>('chats')
  const texts = await lena.ask<readonly { readonly text: string }[]>('messages', chat?.chat, 100)
  expect([texts[0]?.text, texts.at(-1)?.text]).toEqual(['before', 'after'])
})

test('a worker that cannot be loaded is told, and the profile is free again', async () => {
  await using browser = await world.browser()
  const lena = await world.tab(browser)
  await browser.route('**/worker.js', (route) => route.abort())
  expect(await lena.open(world.relay)).toMatchObject({ code: 'WorkerFault' })
  await browser.unroute('**/worker.js')
  expect(await lena.open(world.relay, 200)).toEqual({ value: undefined })
})

test('a worker that breaks ends what waits, says so, and the same tab opens the profile anew', async () => {
  await using browser = await world.browser()
  const lena = await world.tab(browser)
  await lena.open(world.relay)
  await lena.page.evaluate('story.link("Browser")')
  await lena.page.evaluate('story.break()')
  expect(await lena.page.evaluate('story.linked()')).toMatchObject({ code: 'WorkerFault' })
  expect(await lena.page.evaluate('story.faults()')).toEqual(['RangeError: an invariant broke'])
  expect(await lena.refused('chats')).toBe('WorkerFault')
  expect(await lena.open()).toEqual({ value: undefined })
  expect(await lena.ask('signUp', { handle: 'olga', kind: 'web' })).toMatchObject({ recovery: expect.any(String) })
})

test('a browser killed amid sending has all that was acknowledged, and sends on where it was', async () => {
  const bob = world.terminal('bob')
  await bob.run('signup', '--handle', 'bob')
  const first = await startChromiumIn(world.folder('chromium'))
  const kira = await world.tab(first.context)
  await kira.open(world.relay)
  await kira.ask('signUp', { handle: 'kira', kind: 'web' })
  await kira.page.evaluate('story.sendOn("bob")')
  const sent = () => kira.page.evaluate<string[]>('story.sent()')
  await expect.poll(async () => (await sent()).length, { timeout: 20_000 }).toBeGreaterThan(10)
  const acknowledged = await sent()
  await first.kill()

  const second = await startChromiumIn(world.folder('chromium'))
  await using context = second.context
  const again = await world.tab(context)
  expect(await again.open()).toEqual({ value: undefined })
  await again.ask('sync')
  await again.ask('send', 'bob', 'after')
  const heard = (await bob.run('messages', 'kira', '--limit', '1000')).map(({ text }) => String(text))
  expect(heard.slice(0, acknowledged.length)).toEqual(acknowledged)
  expect(heard).toEqual([...heard.slice(0, -1).map((_, at) => `${at + 1}`), 'after'])
  const [chat] = await again.ask<readonly { readonly chat: string }[]>('chats')
  const shown = await again.ask<readonly { readonly text: string }[]>('messages', chat?.chat, 1000)
  expect(shown.map(({ text }) => text)).toEqual(heard)
}, 60_000)
