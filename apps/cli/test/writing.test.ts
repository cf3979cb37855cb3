import { describe, expect, test } from 'vitest'
import { createWorld, linkDevice, type Line, type Person, signUp, type World } from './harness.ts'

const minutes = 60_000

/** Two people who have taken each other up. */
async function friends(world: World): Promise<readonly [Person, Person]> {
  const mara = await signUp(world, 'mara')
  const bob = await signUp(world, 'bob')
  await mara.device.ok('send', 'bob', 'hello')
  await bob.device.ok('accept', 'mara')
  return [mara, bob]
}

const find = (lines: readonly Line[], id: unknown) => lines.find((line) => line['id'] === id) ?? {}

describe('writing to one person', () => {
  test('a message comes as it was written, and its tick goes from sent to delivered to read', {
    timeout: 2 * minutes,
  }, async () => {
    await using world = await createWorld()
    const [mara, bob] = await friends(world)
    const text = ' two lines,\n"quotes", 日本語, 👩‍👩‍👧 and a tab\t'
    const sent = await mara.device.one('send', 'bob', text)
    expect(sent).toEqual({
      chat: expect.stringMatching(/^c_/),
      id: expect.stringMatching(/^m_/),
      seq: expect.any(Number),
    })
    expect(find(await mara.device.ok('messages', 'bob'), sent['id'])['tick']).toBe('sent')

    const [line] = (await bob.device.ok('messages', 'mara')).slice(-1)
    expect(line).toMatchObject({
      ...sent,
      text,
      from: 'mara',
      tick: null,
      edited: false,
      deleted: false,
      replyTo: null,
      reactions: {},
    })
    expect(line?.['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

    await expect
      .poll(async () => find(await mara.device.ok('messages', 'bob'), sent['id'])['tick'], {
        timeout: 15_000,
        interval: 500,
      })
      .toBe('delivered')
    await bob.device.ok('read', 'mara')
    await expect
      .poll(async () => find(await mara.device.ok('messages', 'bob'), sent['id'])['tick'], {
        timeout: 15_000,
        interval: 500,
      })
      .toBe('read')
  })

  test('replies, reactions, edits and deletes are seen by both', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const [mara, bob] = await friends(world)
    const first = await mara.device.one('send', 'bob', 'Rehearsal at eight?')
    const reply = await bob.device.one('reply', 'mara', String(first['id']), 'Yes')
    await mara.device.ok('react', 'bob', String(reply['id']), '🎻')
    await bob.device.ok('react', 'mara', String(reply['id']), '👍')
    await mara.device.ok('edit', 'bob', String(first['id']), 'Rehearsal at nine?')
    for (const [person, other] of [
      [mara, bob],
      [bob, mara],
    ] as const) {
      const lines = await person.device.ok('messages', other.handle)
      expect(find(lines, first['id'])).toMatchObject({ text: 'Rehearsal at nine?', edited: true })
      expect(find(lines, reply['id'])).toMatchObject({
        text: 'Yes',
        replyTo: first['id'],
        reactions: { '🎻': ['mara'], '👍': ['bob'] },
      })
    }
    await mara.device.ok('react', 'bob', String(reply['id']), '🎻', '--off')
    await bob.device.ok('delete', 'mara', String(reply['id']))
    for (const [person, other] of [
      [mara, bob],
      [bob, mara],
    ] as const) {
      const lines = await person.device.ok('messages', other.handle)
      expect(find(lines, reply['id'])).toMatchObject({ text: null, deleted: true })
      expect(lines).toHaveLength(3)
    }
    await bob.device.refused('not-allowed', 'edit', 'mara', String(first['id']), 'mine now')
    await bob.device.refused('not-allowed', 'delete', 'mara', String(first['id']))
    await bob.device.refused('unknown-message', 'edit', 'mara', `m_${'0'.repeat(64)}`, 'what?')
  })

  test('a note to oneself is on all devices, and nobody else has it', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    await mara.device.ok('send', 'self', 'buy strings')
    await laptop.device.ok('send', 'self', 'and rosin')
    for (const device of [mara.device, laptop.device])
      expect(await device.texts('self')).toEqual(['buy strings', 'and rosin'])
    expect(await mara.device.ok('chats')).toMatchObject([{ kind: 'self', with: [], unread: 0 }])
  })

  test('a stranger is a request until taken up, and blocking ends it unseen', { timeout: 2 * minutes }, async () => {
    await using world = await createWorld()
    const mara = await signUp(world, 'mara')
    const bob = await signUp(world, 'bob')
    const sent = await bob.device.one('send', 'mara', 'you do not know me')
    const requests = async () => (await mara.device.ok('chats')).filter((line) => line['request'])
    expect(await requests()).toMatchObject([{ kind: 'direct', with: ['bob'], unread: 1 }])
    expect(find(await bob.device.ok('messages', 'mara'), sent['id'])['tick']).toBe('sent')
    await mara.device.ok('accept', 'bob')
    expect(await requests()).toEqual([])

    await mara.device.ok('block', 'bob')
    await bob.device.ok('send', 'mara', 'unwanted')
    expect(await mara.device.texts('bob')).toEqual(['you do not know me'])
    await mara.device.ok('block', 'bob', '--off')
    await bob.device.ok('send', 'mara', 'sorry')
    expect(await mara.device.texts('bob')).toEqual(['you do not know me', 'sorry'])
  })

  test('who is writing is seen while it lasts', { timeout: minutes }, async () => {
    await using world = await createWorld()
    const [mara, bob] = await friends(world)
    const listening = bob.device.start('listen')
    await listening.line((line) => line['event'] === 'state' && line['connected'] === true)
    await mara.device.ok('send', 'bob', 'wait')
    expect(await mara.device.one('typing', 'bob')).toEqual({ ok: true })
    expect(await listening.line((line) => line['event'] === 'typing')).toMatchObject({ from: 'mara' })
    listening.signal('SIGINT')
    expect((await listening.ended).code).toBe(0)
  })
})

describe('groups', () => {
  test('made, named, joined, left, and kept by their admins', { timeout: 4 * minutes }, async () => {
    await using world = await createWorld()
    const [mara, bob, carol, dave] = await Promise.all(
      ['mara', 'bob', 'carol', 'dave'].map((name) => signUp(world, name)),
    )
    if (mara === undefined || bob === undefined || carol === undefined || dave === undefined) expect.fail('four people')
    const { chat } = await mara.device.one('group', 'create', 'Summer house', 'bob', 'carol')
    const group = String(chat)
    await mara.device.ok('send', group, 'welcome')
    await bob.device.ok('send', group, 'thanks')
    expect(await carol.device.texts(group)).toEqual(['welcome', 'thanks'])
    const shown = (await carol.device.ok('chats')).find((line) => line['chat'] === group)
    expect(shown).toMatchObject({ kind: 'group', title: 'Summer house' })
    expect(shown?.['with']).toHaveLength(2)
    expect(shown?.['with']).toEqual(expect.arrayContaining(['bob', 'mara']))

    await bob.device.refused('not-allowed', 'group', 'remove', group, 'carol')
    await bob.device.refused('not-allowed', 'group', 'admin', group, 'bob')
    await mara.device.ok('group', 'add', group, 'dave')
    await mara.device.ok('group', 'rename', group, 'Winter house')
    await mara.device.ok('send', group, 'dave is here')
    expect(await dave.device.texts(group)).toEqual(['dave is here'])
    expect((await dave.device.ok('chats')).find((line) => line['chat'] === group)?.['title']).toBe('Winter house')

    await mara.device.ok('group', 'remove', group, 'carol')
    await mara.device.ok('send', group, 'without carol')
    const late = await carol.device.run('messages', group)
    expect(JSON.stringify(late.lines)).not.toContain('without carol')
    expect((await carol.device.run('send', group, 'let me in')).code).toBe(1)
    expect(await bob.device.texts(group)).not.toContain('let me in')

    await mara.device.refused('not-allowed', 'group', 'leave', group)
    await mara.device.ok('group', 'admin', group, 'bob')
    await mara.device.ok('group', 'leave', group)
    await bob.device.ok('send', group, 'bye mara')
    expect(await dave.device.texts(group)).toContain('bye mara')
    expect(JSON.stringify((await mara.device.run('messages', group)).lines)).not.toContain('bye mara')
    await bob.device.ok('group', 'remove', group, 'dave')
    expect((await bob.device.ok('chats')).find((line) => line['chat'] === group)?.['with']).toEqual([])
  })
})

describe('one account on several devices', () => {
  test('each device shows the same chats in the same order', { timeout: 4 * minutes }, async () => {
    await using world = await createWorld()
    const [mara, bob] = await friends(world)
    const laptop = await linkDevice(world, mara.device, 'Laptop')
    const kitchen = await linkDevice(world, mara.device, 'Kitchen', { kind: 'display' })
    const group = String((await mara.device.one('group', 'create', 'Quartet', 'bob'))['chat'])
    const senders = [mara.device, laptop.device, kitchen.device]
    for (const device of senders) await device.ok('sync')
    await Promise.all(senders.map((device, at) => device.ok('send', group, `from ${at}`)))
    await bob.device.ok('send', group, 'from bob')
    await laptop.device.ok('send', 'bob', 'for you alone')
    const views = await Promise.all(
      senders.map(async (device) =>
        (await device.ok('messages', group)).map((line) => [line['seq'], line['id'], line['text']]),
      ),
    )
    expect(views[0]).toHaveLength(4)
    expect(views[1]).toEqual(views[0])
    expect(views[2]).toEqual(views[0])
    expect((await bob.device.ok('messages', group)).map((line) => [line['seq'], line['id'], line['text']])).toEqual(
      views[0],
    )
    const orders = await Promise.all(
      senders.map(async (device) => (await device.ok('chats')).map((line) => line['chat'])),
    )
    expect(orders[1]).toEqual(orders[0])
    expect(orders[2]).toEqual(orders[0])
  })

  test('with the main device off for good, the others write, link and unlink, and nothing is missing', {
    timeout: 4 * minutes,
  }, async () => {
    await using world = await createWorld()
    const [mara, bob] = await friends(world)
    const laptop = await linkDevice(world, mara.device, 'Laptop', { manage: true })
    const tablet = await linkDevice(world, mara.device, 'Tablet')
    // From here on no process runs on the main device's profile again.
    await laptop.device.ok('send', 'bob', 'from my laptop')
    await bob.device.ok('send', 'mara', 'got it')
    const kitchen = await linkDevice(world, laptop.device, 'Kitchen', { kind: 'display' })
    await laptop.device.ok('unlink', tablet.id)
    await bob.device.ok('send', 'mara', 'to those that stay')
    await kitchen.device.ok('sync')
    await kitchen.device.ok('send', 'bob', 'from the kitchen')
    expect(await bob.device.texts('mara')).toEqual([
      'hello',
      'from my laptop',
      'got it',
      'to those that stay',
      'from the kitchen',
    ])
    const laptopTexts = await laptop.device.texts('bob')
    expect(laptopTexts.slice(-4)).toEqual(['from my laptop', 'got it', 'to those that stay', 'from the kitchen'])
    expect((await laptop.device.one('sync'))['gaps']).toBe(0)
    await tablet.device.refused('unlinked', 'messages', 'bob')
    await tablet.device.refused('unlinked', 'send', 'bob', 'I am still here')
    expect((await laptop.device.ok('devices')).map((line) => line['name']).sort()).toEqual([
      'Kitchen',
      'Laptop',
      'Phone',
    ])
  })
})
