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

describe('groups', () => {})

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
})
