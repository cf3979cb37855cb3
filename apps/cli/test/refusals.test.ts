import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorld, linkDevice, signUp } from './harness.ts'

const minutes = 60_000

describe('what goes wrong is told by its code, and changes nothing', () => {
  test('handles: taken, malformed, reserved, unknown', { timeout: minutes }, async () => {
    await using world = await createWorld()
    await signUp(world, 'mara')
    const other = world.device()
    await other.refused('handle-taken', 'signup', '--handle', 'mara')
    for (const handle of ['Mara', 'm', '9mara', 'ma ra', 'self', 'a'.repeat(33)]) {
      await other.refused('handle-invalid', 'signup', '--handle', handle)
    }
    await other.refused('profile-empty', 'chats')
    await other.ok('signup', '--handle', 'bob')
    await other.refused('profile-exists', 'signup', '--handle', 'bob2')
    await other.refused('unknown-handle', 'send', 'nobody', 'hi')
    await other.refused('unknown-handle', 'messages', 'nobody')
    await other.refused('unknown-chat', 'send', `c_${'0'.repeat(64)}`, 'hi')
    await other.refused('unknown-device', 'unlink', `d_${'0'.repeat(32)}`)
  })

  test('an offer that is wrong, refused, used or expired', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    for (const wrong of ['AAAA-AAAA', 'not an offer', 'quintet:offer?o=1']) {
      await mara.device.refused('offer-invalid', 'approve', wrong, '--yes')
    }
    const laptop = world.device()
    const linking = laptop.start('link', '--kind', 'desktop', '--name', 'Laptop', '--yes')
    const { offer } = await linking.line((line) => 'offer' in line)
    await mara.device.ok('approve', String(offer), '--yes')
    expect((await linking.ended).code).toBe(0)
    await mara.device.refused('offer-invalid', 'approve', String(offer), '--yes')
    expect(await mara.device.ok('devices')).toHaveLength(2)
  })

  test('wrong words picked end the offer on both sides', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const laptop = world.device()
    const linking = laptop.start('link', '--kind', 'desktop', '--name', 'Laptop', '--yes')
    const { offer } = await linking.line((line) => 'offer' in line)
    const approving = mara.device.startPlain('approve', String(offer))
    const { words } = await linking.line((line) => 'words' in line)
    await approving.line((line) => /^ {2}4 {2}/.test(String(line['text'])))
    const first = await approving.line((line) => /^ {2}1 {2}/.test(String(line['text'])))
    const isFirst = String(first['text']).slice(5).split(/ +/).join(' ') === words
    approving.write(isFirst ? '2\n' : '1\n')
    const refused = await approving.ended
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/not the words/)
    const ended = await linking.ended
    expect(ended.code).toBe(1)
    expect(['words-mismatch', 'refused-by-other-side']).toContain(JSON.parse(ended.stderr).error)
    expect(await mara.device.ok('devices')).toHaveLength(1)
    await laptop.refused('profile-empty', 'chats')
    await mara.device.refused('offer-invalid', 'approve', String(offer), '--yes')
  })

  test('who does not want the device cancels, and nothing is linked', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const linking = world.device().start('link', '--kind', 'desktop', '--name', 'Laptop', '--yes')
    const { offer } = await linking.line((line) => 'offer' in line)
    const approving = mara.device.startPlain('approve', String(offer))
    await approving.line((line) => /^ {2}4 {2}/.test(String(line['text'])))
    approving.write('\n')
    expect((await approving.ended).code).toBe(1)
    expect(JSON.parse((await linking.ended).stderr)).toMatchObject({ error: 'refused-by-other-side' })
    expect(await mara.device.ok('devices')).toHaveLength(1)
  })

  test('without a relay a message waits, and goes once, with the next command', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'one')
    await world.stopRelay()
    expect(await mara.device.refused('offline', 'send', 'bob', 'two', '--wait', '1')).toMatchObject({ queued: true })
    const taken = await mara.device.refused('offline', 'send', 'bob', 'never', '--wait', '1', '--no-queue')
    expect(taken['queued']).not.toBe(true)
    await mara.device.refused('offline', 'chats', '--wait', '0.5')
    expect(await mara.device.one('status', '--wait', '0.5')).toMatchObject({ connected: false, outbox: 1 })
    await world.startRelay()
    await mara.device.ok('sync')
    expect(await mara.device.one('status')).toMatchObject({ connected: true, outbox: 0, gaps: 0 })
    expect(await bob.device.texts('mara')).toEqual(['one', 'two'])
  })

  test('what the relay acknowledged outlives its kill -9', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'kept')
    await world.stopRelay('SIGKILL')
    await world.startRelay()
    expect(await bob.device.texts('mara')).toEqual(['kept'])
  })

  test('a relay of another kind or another address', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    await mara.device.refused('other-relay', 'chats', '--relay', 'http://127.0.0.1:9')
    const stranger = createServer((_, response) => response.writeHead(404).end('no relay here')).listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const port = typeof address === 'object' ? address?.port : 0
    const device = world.device()
    await device.refused('offline', 'signup', '--handle', 'bob', '--relay', `http://127.0.0.1:${port}`, '--wait', '1')
    stranger.close()
    await device.ok('signup', '--handle', 'bob')
  })

  test('a command that asks about nothing makes no profile', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const folder = mkdtempSync(join(tmpdir(), 'quintet-none-'))
    const device = world.device()
    await device.refused('profile-empty', 'chats', '--profile', join(folder, 'none'))
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })

  test('a removed device neither reads on nor writes', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'hello')
    await bob.device.ok('accept', 'mara')
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    await laptop.device.ok('sync')
    const listening = laptop.device.start('listen')
    await listening.line((line) => line['event'] === 'state')
    await mara.device.ok('unlink', laptop.id)
    const ended = await listening.ended
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: 'unlinked' })
    await bob.device.ok('send', 'mara', 'only for those who stay')
    for (const argv of [['messages', 'bob'], ['send', 'bob', 'me too'], ['sync']]) {
      const refused = await laptop.device.refused('unlinked', ...argv)
      expect(JSON.stringify(refused)).not.toContain('only for those who stay')
    }
    expect(await bob.device.texts('mara')).toEqual(['hello', 'only for those who stay'])
  })
})
