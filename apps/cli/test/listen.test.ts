import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorld, linkDevice, signUp } from './harness.ts'

const minutes = 60_000

describe('while listen runs', () => {
  test('messages, edits, reactions, deletes and ticks come as they happen, and other commands go through it', {
    timeout: 2 * minutes,
  }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'hello')
    await bob.device.ok('accept', 'mara')
    const listening = mara.device.start('listen')
    await listening.line((line) => line['event'] === 'state' && line['connected'] === true)
    expect(existsSync(join(mara.device.profile, 'listen.sock'))).toBe(true)

    const sent = await mara.device.one('send', 'bob', 'through the socket')
    const reply = await bob.device.one('reply', 'mara', String(sent['id']), 'heard')
    expect(await listening.line((line) => line['event'] === 'message' && line['id'] === reply['id'])).toMatchObject({
      text: 'heard',
      from: 'bob',
      replyTo: sent['id'],
    })
    await bob.device.ok('edit', 'mara', String(reply['id']), 'heard it')
    await listening.line((line) => line['event'] === 'edit' && line['text'] === 'heard it')
    await bob.device.ok('react', 'mara', String(sent['id']), '👍')
    await listening.line((line) => line['event'] === 'reaction' && line['id'] === sent['id'])
    await bob.device.ok('delete', 'mara', String(reply['id']))
    await listening.line((line) => line['event'] === 'delete' && line['id'] === reply['id'])
    await bob.device.ok('read', 'mara')
    await listening.line((line) => line['event'] === 'tick' && line['id'] === sent['id'] && line['tick'] === 'read')

    const through = await mara.device.ok('messages', 'bob')
    expect(through.map((line) => line['text'])).toEqual(['hello', 'through the socket', null])
    await mara.device.refused('unknown-handle', 'send', 'nobody', 'hi')
    await mara.device.refused('profile-exists', 'signup', '--handle', 'mara2')
    listening.signal('SIGTERM')
    expect((await listening.ended).code).toBe(0)
    expect(existsSync(join(mara.device.profile, 'listen.sock'))).toBe(false)
    expect((await mara.device.ok('messages', 'bob')).map((line) => line['text'])).toEqual([
      'hello',
      'through the socket',
      null,
    ])
  })

  test('a device is linked through it, and after kill -9 everything goes on', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const listening = mara.device.start('listen')
    await listening.line((line) => line['event'] === 'state')
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    await listening.line((line) => line['event'] === 'device' && line['change'] === 'added')
    listening.signal('SIGKILL')
    await listening.ended
    await mara.device.ok('send', 'self', 'still here')
    expect(await laptop.device.texts('self')).toEqual(['still here'])
    const again = mara.device.start('listen')
    await again.line((line) => line['event'] === 'state')
    await laptop.device.ok('send', 'self', 'and again')
    await again.line((line) => line['event'] === 'message' && line['text'] === 'and again')
    again.signal('SIGINT')
    expect((await again.ended).code).toBe(0)
  })

  test('signing out through it ends it well', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    await linkDevice(world, mara.device, 'Laptop', { manage: true })
    const listening = mara.device.start('listen')
    await listening.line((line) => line['event'] === 'state')
    await mara.device.ok('signout')
    expect((await listening.ended).code).toBe(0)
    await mara.device.refused('profile-empty', 'chats')
  })

  test('it waits for a relay that goes, and hears what came meanwhile', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    const listening = bob.device.start('listen')
    await listening.line((line) => line['event'] === 'state' && line['connected'] === true)
    await world.stopRelay('SIGKILL')
    await listening.line((line) => line['event'] === 'state' && line['connected'] === false)
    await world.startRelay()
    await mara.device.ok('send', 'bob', 'back')
    expect(await listening.line((line) => line['event'] === 'message')).toMatchObject({ text: 'back', from: 'mara' })
    listening.signal('SIGINT')
    await listening.ended
  })

  test('commands at once on one profile wait for each other', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const texts = ['a', 'b', 'c', 'd']
    await Promise.all(texts.map((text) => mara.device.ok('send', 'self', text)))
    expect([...(await mara.device.texts('self'))].sort()).toEqual(texts)
  })
})
