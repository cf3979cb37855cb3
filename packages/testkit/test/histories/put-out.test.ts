import assert from 'node:assert/strict'
import { bytesOf, sameBytes } from '@quintet/domain'
import type { World } from '@quintet/testkit'
import { create, EntryKind, FailureCode, type Frame, FrameSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { damage } from '../lying-log.ts'
import { createWorld } from '../world.ts'

/** The machine may be busy with much else. */
const timeout = 90_000

/** Bob adds Dave, and Alice puts Bob out while he waits for an answer of the relay: he gets it when he is out. */
async function putOutWhile(world: World, answerTo: (frame: Frame) => Frame | undefined): Promise<void> {
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  const dave = await world.account('dave', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await alice.phone.client.setAdmin(chat, 'bob', true)
  await world.settle()
  const alices = bytesOf(alice.phone.client.self()?.device ?? assert.fail('she has signed up'))
  let answer: Frame | undefined
  let removed: Promise<void> | undefined
  world.relay.tamper(({ device, frame }) => {
    if (device !== 'bob.phone') return undefined
    if (removed === undefined) {
      answer = answerTo(frame)
      if (answer === undefined) return undefined
      removed = alice.phone.client.removeFromGroup(chat, 'bob')
      return []
    }
    const push = frame.kind.case === 'push' ? frame.kind.value.kind : undefined
    const entry = push?.case === 'entry' ? push.value.entry : undefined
    const isRemoval = entry?.kind === EntryKind.COMMIT && sameBytes(entry.device, alices)
    return isRemoval && answer !== undefined ? [answer] : undefined
  })
  await bob.phone.client.addToGroup(chat, ['dave'])
  expect(removed).toBeDefined()
  await removed
  await bob.phone.client.sync()
  await world.settle()
  await dave.phone.say(chat, 'thank you')
  await world.settle()
  expect(alice.phone.shows(chat)).toEqual(['thank you'])
  expect(bob.phone.shows(chat)).toEqual([])
  expect(bob.phone.client.chats().find((one) => one.chat === chat)?.held).toContain('no longer a member')
}

test('whoever adds somebody and is put out before they hear that it stands is not told that it failed', {
  timeout,
}, async () => {
  await using world = await createWorld()
  await putOutWhile(world, (frame) =>
    frame.kind.case === 'response' && frame.kind.value.result.case === 'committed' ? frame : undefined,
  )
})

test('whoever adds somebody and is put out before they could tell them the name is not told that it failed', {
  timeout,
}, async () => {
  await using world = await createWorld()
  await putOutWhile(world, ({ kind }) => {
    if (kind.case !== 'request' || kind.value.call.case !== 'append') return undefined
    const result = { case: 'failure', value: { code: FailureCode.UNKNOWN_CHAT } } as const
    return create(FrameSchema, { kind: { case: 'response', value: { id: kind.value.id, result } } })
  })
})

test('a device that has to come in anew while its account leaves on another one waits for nothing', {
  timeout: 90_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const carol = await world.account('carol', 'phone', 'tablet')
  const { chat } = await alice.phone.client.createGroup('Walk', ['carol'])
  await world.settle()
  damage(carol.phone, 1, 'lost')
  const stop = world.relay.tamper(({ device, direction, call }) =>
    device === 'carol.phone' && direction === 'to-relay' && call === 'getGroupInfo' ? 'cut' : undefined,
  )
  carol.phone.restart()
  await alice.phone.say(chat, 'are you there?')
  await carol.tablet.client.leaveGroup(chat)
  stop()
  await carol.phone.client.sync()
  await world.settle()
  expect(carol.phone.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
  expect(carol.phone.client.chats().find((one) => one.chat === chat)?.held).toContain('no longer a member')
})

test('who was put out before a device of theirs had come in is in again once they are taken in again', {
  timeout: 90_000,
}, async () => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const carol = await world.account('carol', 'phone', 'tablet')
  await alice.phone.say('carol', 'a walk?')
  await world.settle()
  const stop = world.relay.tamper(({ device, direction, call }) => {
    if (device !== 'carol.tablet' || direction !== 'to-relay' || call !== 'getWelcome') return undefined
    carol.tablet.disconnect()
    return 'cut'
  })
  const { chat } = await alice.phone.client.createGroup('Walk', ['carol'])
  await world.settle()
  await alice.phone.client.removeFromGroup(chat, 'carol')
  stop()
  carol.tablet.connect()
  await world.settle()
  expect(carol.tablet.client.status()).toMatchObject({ chatsPending: 0 })
  expect(carol.tablet.client.chats().map((one) => one.chat)).not.toContain(chat)
  await alice.phone.client.addToGroup(chat, ['carol'])
  await alice.phone.say(chat, 'at eight')
  await world.settle()
  expect(carol.tablet.shows(chat)).toEqual(['at eight'])
  await carol.tablet.say(chat, 'fine')
  await world.settle()
  expect(alice.phone.shows(chat)).toEqual(['at eight', 'fine'])
})
