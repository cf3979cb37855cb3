import { expect, test } from 'vitest'
import { LongTalk } from './long-talk.ts'

test('a long talk over breaking connections arrives whole', { timeout: 60_000 }, async () => {
  await using talk = await LongTalk.begin(3)
  expect(await talk.goOn(80)).toEqual({ messages: 80, reconnects: 4 })
})
