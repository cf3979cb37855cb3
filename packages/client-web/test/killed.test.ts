import { expect, test } from 'vitest'
import { startChromiumIn } from './browsers.ts'
import { createWorld } from './world.ts'

test('a browser killed amid sending has all that was acknowledged, and sends on where it was', async () => {
  await using world = await createWorld()
  const bob = world.terminal('bob')
  await bob.run('signup', '--handle', 'bob')
  const first = await startChromiumIn(world.folder('chromium'))
  const mara = await world.tab(first.context)
  await mara.open(world.relay)
  await mara.ask('signUp', { handle: 'mara', kind: 'web' })
  await mara.page.evaluate('story.sendOn("bob")')
  const sent = () => mara.page.evaluate<string[]>('story.sent()')
  await expect.poll(async () => (await sent()).length, { timeout: 20_000 }).toBeGreaterThan(10)
  const acknowledged = await sent()
  await first.kill()

  const second = await startChromiumIn(world.folder('chromium'))
  await using context = second.context
  const again = await world.tab(context)
  expect(await again.open()).toEqual({ value: undefined })
  await again.ask('sync')
  await again.ask('send', 'bob', 'after')
  const heard = (await bob.run('messages', 'mara', '--limit', '1000')).map(({ text }) => String(text))
  expect(heard.slice(0, acknowledged.length)).toEqual(acknowledged)
  expect(heard).toEqual([...heard.slice(0, -1).map((_, at) => `${at + 1}`), 'after'])
  const [chat] = await again.ask<readonly { readonly chat: string }[]>('chats')
  const shown = await again.ask<readonly { readonly text: string }[]>('messages', chat?.chat, 1000)
  expect(shown.map(({ text }) => text)).toEqual(heard)
}, 60_000)
