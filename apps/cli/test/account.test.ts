import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorld, linkDevice, signUp } from './harness.ts'

const minutes = 60_000

describe('an account and its devices', () => {
  test('sign up, link four more devices, see, rename and unlink them; a sixth is refused with those it could replace', {
    timeout: 3 * minutes,
  }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    expect(mara.recovery.split(' ')).toHaveLength(12)
    const laptop = await linkDevice(world, mara.device, 'Laptop', { manage: true })
    const kitchen = await linkDevice(world, laptop.device, 'Kitchen', { kind: 'display', by: 'code' })
    await linkDevice(world, mara.device, 'Browser', { kind: 'web' })
    const tablet = await linkDevice(world, mara.device, 'Tablet', { kind: 'tablet' })

    const listed = await kitchen.device.ok('devices')
    expect(listed.map((line) => line['name']).sort()).toEqual(['Browser', 'Kitchen', 'Laptop', 'Phone', 'Tablet'])
    expect(listed.find((line) => line['self'])).toMatchObject({
      device: kitchen.id,
      kind: 'display',
      main: false,
      manage: false,
    })
    expect(listed.find((line) => line['name'] === 'Laptop')).toMatchObject({ manage: true })
    expect(listed.find((line) => line['name'] === 'Kitchen')?.['probationUntil']).toMatch(/^\d{4}-.*Z$/)
    expect(listed.find((line) => line['name'] === 'Browser')?.['probationUntil']).toBeUndefined()
    expect(listed.filter((line) => line['main'])).toHaveLength(1)

    const sixth = world.device().start('link', '--kind', 'phone', '--name', 'Old phone', '--yes')
    const offer = await sixth.line((line) => 'offer' in line)
    const full = await mara.device.refused('account-full', 'approve', String(offer['offer']), '--yes')
    const names = ['Browser', 'Kitchen', 'Laptop', 'Tablet']
    expect(full['devices']).toHaveLength(4)
    expect(full['devices']).toEqual(expect.arrayContaining(names.map((name) => expect.objectContaining({ name }))))
    for (const name of ['Browser', 'Kitchen', 'Laptop', 'Tablet']) expect(full['message']).toContain(name)
    expect((await sixth.ended).code).toBe(1)

    expect(await mara.device.one('rename', 'Tablet', 'Sofa')).toEqual({ ok: true })
    await laptop.device.ok('sync')
    expect((await laptop.device.ok('devices')).find((line) => line['device'] === tablet.id)?.['name']).toBe('Sofa')

    expect(await laptop.device.one('unlink', tablet.id)).toEqual({ ok: true })
    await tablet.device.refused('unlinked', 'chats')
    expect((await mara.device.ok('devices')).map((line) => line['name'])).not.toContain('Sofa')
  })

  test('rights are given and taken, the main device is another one, and who may not manage is refused', {
    timeout: 2 * minutes,
  }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    await laptop.device.refused('not-allowed', 'unlink', mara.deviceId)
    await laptop.device.refused('not-allowed', 'make-main', laptop.id)
    await mara.device.ok('rights', laptop.id, 'manage')
    await laptop.device.ok('make-main', laptop.id)
    expect((await mara.device.ok('devices')).find((line) => line['main'])).toMatchObject({ device: laptop.id })
    await laptop.device.ok('rights', mara.deviceId, 'none')
    await mara.device.refused('not-allowed', 'rights', laptop.id, 'none')
  })

  test('with every device gone, the kit leads back; a wrong one does not', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await bob.device.ok('send', 'mara', 'before')
    await mara.device.ok('accept', 'bob')
    const wrong = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
    const back = world.device()
    await back.refused('recovery-wrong', 'recover', '--handle', 'mara', '--key', wrong, '--name', 'New')
    await back.refused('recovery-wrong', 'recover', '--handle', 'mara', '--key', 'not twelve words', '--name', 'New')
    await back.refused('unknown-handle', 'recover', '--handle', 'nobody', '--key', mara.recovery, '--name', 'New')
    const line = await back.one('recover', '--handle', 'mara', '--key', mara.recovery, '--name', 'New')
    expect(line['account']).toBe(mara.account)
    await back.ok('unlink', mara.deviceId)
    await mara.device.refused('unlinked', 'sync')
    await bob.device.ok('send', 'mara', 'after')
    expect(await back.texts('bob')).toContain('after')
    await back.ok('send', 'bob', 'here again')
    expect(await bob.device.texts('mara')).toEqual(['before', 'after', 'here again'])
  })

  test('a new kit makes the old one worthless', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    await mara.device.refused('recovery-wrong', 'recovery', 'new')
    const { recovery } = await mara.device.one('recovery', 'new', '--key', mara.recovery)
    const back = world.device()
    await back.refused('recovery-wrong', 'recover', '--handle', 'mara', '--key', mara.recovery, '--name', 'New')
    await back.ok('recover', '--handle', 'mara', '--key', String(recovery), '--name', 'New')
  })

  test('signing out takes the device off the account and erases what it held', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    await laptop.device.ok('send', 'self', 'a secret only for me')
    await laptop.device.ok('signout')
    await laptop.device.refused('profile-empty', 'chats')
    expect((await mara.device.ok('devices')).map((line) => line['name'])).toEqual(['Phone'])
    for (const file of readdirSync(laptop.device.profile)) {
      expect(readFileSync(join(laptop.device.profile, file)).includes('a secret only for me')).toBe(false)
    }
    await laptop.device.ok('signup', '--handle', 'mara2')
  })

  test('a deleted account is gone for its owner, and its contacts see it', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    const carol = await signUp(world, 'carol')
    await mara.device.ok('send', 'bob', 'farewell')
    await mara.device.ok('send', 'carol', 'and to you')
    await bob.device.ok('accept', 'mara')
    expect((await mara.device.run('delete-account')).code).toBe(2)
    expect(await mara.device.one('delete-account', '--yes')).toEqual({ ok: true })
    const ended = await mara.device.run('chats')
    expect(ended.code).toBe(1)
    expect(['account-closed', 'profile-empty']).toContain(JSON.parse(ended.stderr).error)
    expect(await bob.device.texts('mara')).toContain('farewell')
    const late = await bob.device.run('send', 'mara', 'still there?')
    expect(late.code).toBe(1)
    // Whoever had not looked in until then reads what waits, and is told.
    const chat = (await carol.device.ok('chats')).find((line) => line['kind'] === 'direct')
    expect(chat).toMatchObject({ last: { text: 'and to you' }, held: expect.stringContaining('gone') })
    expect(await carol.device.texts(String(chat?.['chat']))).toEqual(['and to you'])
    await carol.device.refused('account-closed', 'send', String(chat?.['chat']), 'still there?')
  })

  test('name and handle are shown and changed; the old handle finds nobody', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    expect(await mara.device.one('profile')).toMatchObject({ account: mara.account, handle: 'mara' })
    expect(await mara.device.one('profile', '--name', 'Mara Lind', '--handle', 'mara.lind')).toMatchObject({
      handle: 'mara.lind',
      name: 'Mara Lind',
    })
    await bob.device.refused('unknown-handle', 'send', 'mara', 'hi')
    await bob.device.ok('send', 'mara.lind', 'hi')
  })

  test('the same words on both sides', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    await mara.device.ok('send', 'bob', 'hi')
    await bob.device.ok('sync')
    expect(await mara.device.one('verify', 'bob')).toEqual(await bob.device.one('verify', 'mara'))
  })
})
