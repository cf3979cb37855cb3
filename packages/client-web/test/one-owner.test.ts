import { afterAll, beforeAll, expect, test } from 'vitest'
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
