/** The program as it is bundled, which is what people run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { ensureBuilt } from '../../../scripts/lib/bundle.js'
import { inRoot } from '../../../scripts/lib/root.js'
import { createWorld, signUp } from './harness.ts'

const minutes = 60_000

test('a listener that npx began ends with npx, and lets go of the profile', { timeout: 2 * minutes }, async () => {
  await ensureBuilt('cli')
  await using world = await createWorld()
  const mara = await signUp(world, 'mara')
  const where = ['--profile', mara.device.profile, '--relay', world.url, '--json']
  const npx = spawn('npx', ['quintet', ...where, 'listen'], { cwd: inRoot('.') })
  await once(createInterface(npx.stdout), 'line')
  // Its streams close when the last process that holds them is gone.
  const closed = once(npx, 'close')
  npx.kill('SIGTERM')
  await closed
  expect(existsSync(join(mara.device.profile, 'listen.sock'))).toBe(false)
  await mara.device.ok('chats')
})

test('a listener serves every command on while an update takes its files away', { timeout: 2 * minutes }, async () => {
  await ensureBuilt('cli')
  const program = mkdtempSync(join(tmpdir(), 'quintet-bundle-'))
  cpSync(inRoot('dist/cli'), program, { recursive: true })
  await using world = await createWorld()
  const mara = await signUp(world, 'mara')
  const bob = await signUp(world, 'bob')
  await bob.device.ok('send', 'mara', 'before')
  const where = ['--profile', mara.device.profile, '--json']
  const listener = spawn(process.execPath, [join(program, 'quintet.js'), ...where, 'listen'])
  try {
    await once(createInterface(listener.stdout), 'line')
    for (const file of readdirSync(program)) if (file.startsWith('chunk-')) rmSync(join(program, file))
    await mara.device.ok('send', 'bob', 'meanwhile')
    await mara.device.ok('chats')
    await mara.device.ok('devices')
    await mara.device.ok('read', 'bob')
    await mara.device.ok('status')
    expect(await mara.device.texts('bob')).toEqual(['before', 'meanwhile'])
  } finally {
    listener.kill('SIGKILL')
    await once(listener, 'close')
    rmSync(program, { recursive: true, force: true })
  }
})
