import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('the main device is lost for good: the linked ones write, link another and unlink one, and nothing is missing', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const laptop = await world.link(alice.phone, 'laptop', { manage: true })
  const tablet = await world.link(alice.phone, 'tablet')
  const bob = await world.account('bob', 'phone')
  await bob.phone.say(alice, 'one')
  await world.settle()
  alice.phone.kill()

  await bob.phone.say(alice, 'two')
  await laptop.say(bob, 'three')
  await tablet.say(bob, 'four')
  const display = await world.link(laptop, 'display')
  await world.settle()
  await bob.phone.say(alice, 'five')
  await world.settle()
  expect(display.heard(bob)).toEqual(['five'])
  await display.say(bob, 'six')
  await world.settle()
  expect(bob.phone.shows(alice)).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
  expect(laptop.shows(bob)).toEqual(bob.phone.shows(alice))
  expect(tablet.shows(bob)).toEqual(bob.phone.shows(alice))

  const [gone] = (await laptop.client.devices()).filter((device) => device.name === 'tablet')
  await laptop.client.unlink(gone?.device ?? expect.unreachable('the tablet is listed'))
  await world.settle()
  await bob.phone.say(alice, 'seven')
  await world.settle()
  expect(tablet.shows(bob)).not.toContain('seven')
  expect(laptop.shows(bob)).toContain('seven')
  expect(display.shows(bob)).toContain('seven')
  expect((await laptop.client.devices()).map((device) => device.name).sort()).toEqual(['display', 'laptop', 'phone'])
})

test('a new device enters every chat by itself, the one that approved it already asleep', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const friends = await Promise.all(['bob', 'carol', 'dave'].map((handle) => world.account(handle, 'phone')))
  for (const friend of friends) await friend.phone.say(alice, `hello from ${friend.handle}`)
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  // From the moment in which the new device asks for the first chat, the phone is off.
  let asked = 0
  const stop = world.relay.tamper((seen) => {
    const asks = seen.device === 'alice.laptop' && seen.call === 'getGroupInfo' && seen.direction === 'to-relay'
    if (asks && ++asked === 2) alice.phone.disconnect()
    return undefined
  })
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  stop()
  expect(world.network.isReachable(alice.phone.name)).toBe(false)
  expect(laptop.client.status()).toMatchObject({ chatsPending: 0, gaps: 0 })
  expect(laptop.client.chats().filter((one) => one.kind !== 'self')).toHaveLength(4)
  for (const friend of friends) await friend.phone.say(alice, `again from ${friend.handle}`)
  await friends[0]?.phone.say(chat, 'to the group')
  await world.settle()
  for (const friend of friends) expect(laptop.heard(friend)).toEqual([`again from ${friend.handle}`])
  expect(laptop.heard(chat)).toEqual(['to the group'])
  for (const friend of friends) await laptop.say(friend, `laptop to ${friend.handle}`)
  await world.settle()
  for (const friend of friends) expect(friend.phone.heard(alice)).toEqual([`laptop to ${friend.handle}`])
})

test('the chats with news are entered first', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const handles = ['bob', 'carol', 'dave', 'erin']
  const friends = await Promise.all(handles.map((handle) => world.account(handle, 'phone')))
  for (const friend of friends) {
    await friend.phone.say(alice, 'hello')
    await world.forward(60_000)
  }
  await world.settle()
  const joined: string[] = []
  const stop = world.relay.tamper((seen) => {
    const { kind } = seen.frame
    if (seen.device === 'alice.laptop' && kind.case === 'request' && kind.value.call.case === 'getGroupInfo')
      joined.push(Buffer.from(kind.value.call.value.chat).toString('hex'))
    return undefined
  })
  const laptop = await world.link(alice.phone, 'laptop')
  await world.settle()
  stop()
  const expected = [...friends].reverse().map((friend) => friend.phone.chat(alice).slice(2))
  const self = laptop.chat('self').slice(2)
  expect(joined.filter((chat) => chat !== self)).toEqual(expected)
})
