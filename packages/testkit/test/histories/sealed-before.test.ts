import { parseChatBytes } from '@quintet/domain'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { commitsUnderway, type Heard, Hoard } from './hoard.ts'

test('what was sealed before somebody was put out does not leave the device afterwards, when it is let in anew', {
  timeout: 90_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const carol = await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await bob.phone.say(chat, 'hello')
  await world.settle()
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'bob.phone' && direction === 'to-relay' && call === 'append' ? 'cut' : undefined,
  )
  await bob.phone.jot(chat, 'among ourselves')
  bob.phone.disconnect()
  stop()
  expect(bob.phone.database.all('select 1 as one from outbox where message is not null')).toHaveLength(1)
  const hoard = new Hoard(carol.phone, chat)
  for (const handle of ['carol', 'bob']) await alice.phone.client.removeFromGroup(chat, handle)
  await alice.phone.client.addToGroup(chat, ['bob'])
  await world.settle()
  hoard.shut(commitsUnderway([alice.phone, bob.phone]))
  const heard: Heard[] = []
  world.relay.tamper(({ direction, frame: { kind } }) => {
    const call = direction === 'to-relay' && kind.case === 'request' ? kind.value.call : undefined
    if (call?.case === 'append' && parseChatBytes(call.value.chat) === chat)
      heard.push({ chat, kind: 'message', bytes: call.value.message, atMs: world.now() })
    return undefined
  })
  bob.phone.connect()
  await world.settle()
  expect(alice.phone.shows(chat)).toEqual(['hello', 'among ourselves'])
  expect(heard.length).toBeGreaterThan(0)
  expect(hoard.try(heard)).toBe(heard.length)
})
