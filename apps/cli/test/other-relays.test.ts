import { describe, expect, test } from 'vitest'
import { nodeDatabase } from '@quintet/client-node'
import { profileFiles } from '@quintet/client-node/folder'
import { createWorld, signUp } from './harness.ts'
import { greetingOf, startOtherRelay } from './other-relay.ts'

const minutes = 60_000

describe('what answers at the address of the relay', () => {
  test('speaks only later versions of the protocol: told at once, and nothing was sent', {
    timeout: 2 * minutes,
  }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'before')
    await world.stopRelay()
    {
      await using _ = await startOtherRelay(greetingOf(2, 3), Number(new URL(world.url).port))
      await mara.device.refused('relay-incompatible', 'chats')
      const unsent = await mara.device.refused('relay-incompatible', 'send', 'bob', 'meanwhile')
      expect(unsent).not.toHaveProperty('queued')
      expect(await mara.device.one('status', '--wait', '1')).toMatchObject({ connected: false, outbox: 0 })
    }
    await world.startRelay()
    await mara.device.ok('send', 'bob', 'after')
    expect(await bob.device.texts('mara')).toEqual(['before', 'after'])
  })

  test.each([
    ['something else', new TextEncoder().encode('SSH-2.0-OpenSSH_9.2p1')],
    ['nothing, in as many words', new Uint8Array()],
  ])('speaks %s: told at once, and no account was made', { timeout: minutes }, async (_name, first) => {
    await using world = await createWorld()
    await world.stopRelay()
    const device = world.device()
    {
      await using _ = await startOtherRelay(first, Number(new URL(world.url).port))
      await device.refused('relay-incompatible', 'signup', '--handle', 'mara')
    }
    await world.startRelay()
    await device.ok('signup', '--handle', 'mara')
  })
})

test('a profile that another process holds without listening is waited for, then told', {
  timeout: minutes,
}, async () => {
  await using world = await createWorld()
  const mara = await signUp(world, 'mara')
  const held = nodeDatabase(profileFiles(mara.device.profile).database)
  try {
    await mara.device.refused('profile-in-use', 'chats')
  } finally {
    held.close()
  }
  await mara.device.ok('chats')
})
