import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('what was written without a network goes in the order written when it is back, once', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'zero')
  await world.settle()
  alice.phone.disconnect()
  for (const text of ['one', 'two', 'three']) await alice.phone.jot(bob, text)
  expect(alice.phone.shows(bob)).toEqual(['zero', 'one', 'two', 'three'])
  expect(alice.phone.tickOf('two')).toBe('pending')
  await alice.laptop.say(bob, 'from the laptop')
  alice.phone.connect()
  await world.settle()
  const shown = ['zero', 'from the laptop', 'one', 'two', 'three']
  for (const device of [alice.phone, alice.laptop]) expect(device.shows(bob)).toEqual(shown)
  expect(bob.phone.heard()).toEqual(shown)
  expect(alice.phone.tickOf('two')).toBe('delivered')
})

test('the connection breaks before the answer: what the relay has taken is not sent twice', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  world.network.cutOnce(
    (seen) => seen.direction === 'to-device' && seen.device === 'alice.phone' && seen.call === 'append',
  )
  await alice.phone.say(bob, 'once')
  await alice.phone.say(bob, 'after')
  await world.settle()
  for (const device of [alice.phone, alice.laptop]) expect(device.shows(bob)).toEqual(['hello', 'once', 'after'])
  expect(bob.phone.heard()).toEqual(['hello', 'once', 'after'])
})

test('the process dies before the answer: what the relay has taken is not sent twice', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const stop = world.relay.tamper((seen) => {
    if (seen.direction !== 'to-device' || seen.device !== 'alice.phone' || seen.call !== 'append') return undefined
    alice.phone.kill()
    return []
  })
  await expect(alice.phone.say(bob, 'once')).rejects.toMatchObject({ code: 'killed' })
  stop()
  await world.settle()
  expect(bob.phone.heard()).toEqual(['hello', 'once'])
  alice.phone.restart()
  await world.settle()
  await alice.phone.say(bob, 'after')
  await world.settle()
  for (const device of [alice.phone, alice.laptop]) expect(device.shows(bob)).toEqual(['hello', 'once', 'after'])
  expect(bob.phone.heard()).toEqual(['hello', 'once', 'after'])
})

test('killed after every single write while it sends: each text arrives exactly once, in order', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const texts: string[] = []
  for (let write = 1; write <= 8; write++) {
    const text = `killed at ${write}`
    alice.phone.crashAfter(write)
    await alice.phone.say(bob, text).catch(() => undefined)
    await world.settle()
    alice.phone.restart()
    await world.settle()
    // A kill before the outbox row is written means that it was never said; whatever is shown here has gone out.
    if (alice.phone.shows(bob).includes(text)) texts.push(text)
  }
  expect(texts.length).toBeGreaterThan(4)
  expect(bob.phone.heard()).toEqual(['hello', ...texts])
  expect(alice.phone.shows(bob)).toEqual(['hello', ...texts])
})

test('a commit comes between: what was sealed under the old epoch is sealed anew, in order', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  bob.phone.disconnect()
  for (const text of ['one', 'two', 'three']) await bob.phone.jot(chat, text)
  await alice.phone.client.addToGroup(chat, ['carol'])
  await alice.phone.say(chat, 'carol is here')
  bob.phone.connect()
  await world.settle()
  expect(alice.phone.shows(chat)).toEqual(['carol is here', 'one', 'two', 'three'])
  expect(bob.phone.shows(chat)).toEqual(alice.phone.shows(chat))
})

test('the relay dies and comes back in the middle of sending: nothing is lost, nothing doubled', async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone', 'laptop')
  await alice.phone.say(bob, 'hello')
  await world.settle()
  const texts = (who: string) => Array.from({ length: 10 }, (_, n) => `${who} ${n}`)
  const sending = [alice.phone, alice.laptop].flatMap((device) =>
    texts(device.name).map((text) => device.jot(bob, text)),
  )
  await world.relay.restart('kill')
  await Promise.all(sending)
  await world.settle()
  await world.relay.restart('close')
  await world.settle()
  const shown = bob.phone.heard()
  for (const device of [alice.phone, alice.laptop])
    expect(shown.filter((text) => text.startsWith(device.name))).toEqual(texts(device.name))
  expect(shown).toHaveLength(21)
  expect(bob.laptop.heard()).toEqual(shown)
  expect(alice.phone.shows(bob)).toEqual(shown)
})
