import { expect, test } from 'vitest'
import { createWorld, signUp } from '../harness.ts'
import { SmallDisk } from '../../../../scripts/testing/small-disk.ts'

const story = { timeout: 120_000 }

test('a device whose disk is full says so, loses nothing, and goes on when there is room', story, async () => {
  await using world = await createWorld()
  using disk = new SmallDisk(6 * 1024)
  const mara = await signUp(world, 'mara', `${disk.folder}/mara`)
  const bob = await signUp(world, 'bob')
  await mara.device.one('send', 'bob', 'one')
  disk.fill()
  const error = await mara.device.refused('disk-full', 'send', 'bob', 'x'.repeat(30_000))
  expect(error['message']).toContain('Make room')
  disk.makeRoom()
  await mara.device.one('send', 'bob', 'two')
  expect(await mara.device.texts('bob')).toEqual(['one', 'two'])
  expect(await bob.device.texts('mara')).toEqual(['one', 'two'])
})

test('a profile on a disk that has become read-only is refused in words, and goes on afterwards', story, async () => {
  await using world = await createWorld()
  using disk = new SmallDisk(6 * 1024)
  const mara = await signUp(world, 'mara', `${disk.folder}/mara`)
  const bob = await signUp(world, 'bob')
  await mara.device.one('send', 'bob', 'one')
  disk.makeReadOnly(true)
  for (const command of [['send', 'bob', 'two'], ['messages', 'bob'], ['sync']])
    await mara.device.refused('profile-unwritable', ...command)
  disk.makeReadOnly(false)
  await mara.device.one('send', 'bob', 'two')
  expect(await bob.device.texts('mara')).toEqual(['one', 'two'])
})
