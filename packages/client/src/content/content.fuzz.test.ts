import { bytesOf } from '@quintet/domain'
import { BodySchema, create, fromBinary, SelfOpsSchema, type SelfOps, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { alice, aliceLaptop, bob, carol, chatId, deviceId, messageId } from '../../test/people.ts'
import {
  addChat,
  byAlice,
  byAliceLaptop,
  byBob,
  byCarol,
  dropped,
  me,
  profile,
  start,
  thread,
} from '../../test/thread.ts'
import { createDatabase } from '../../test/database.ts'
import { isPlausible } from '../plausible.ts'
import { applySelfOps } from '../selfstate/apply.ts'
import { digest } from '../selfstate/digest.ts'
import { localOp } from '../selfstate/local.ts'
import { snapshot } from '../selfstate/snapshot.ts'
import { numberValue, wordsValue } from '../selfstate/value.ts'
import { applyBody } from './apply.ts'
import { chatViews } from './chat-view.ts'
import { messageViews } from './message-view.ts'
import type { BodyInit } from './compose.ts'

const target = bytesOf(messageId(1))
const kinds: readonly NonNullable<BodyInit['kind']>[] = [
  { case: 'text', value: { text: 'hello', replyTo: target, mentions: [bytesOf(bob)] } },
  { case: 'edit', value: { target, text: 'hello again' } },
  { case: 'delete', value: { target: bytesOf(messageId(2)) } },
  { case: 'reaction', value: { target, emoji: '👍' } },
  { case: 'receipt', value: { seq: 3n } },
  { case: 'info', value: { title: 'Walk', description: 'on Sunday', setBy: bytesOf(bob), setSeq: 2n, snapshot: true } },
  { case: 'profile', value: { name: 'Bob' } },
  { case: 'left', value: {} },
  { case: 'epochConfirm', value: { chat: bytesOf(chatId(1)), epoch: 3n, authenticator: target } },
  {
    case: 'selfOps',
    value: {
      ops: [{ key: 'profile/name', value: target, lamport: 1n, device: bytesOf(aliceLaptop), counter: 1n }],
      ask: true,
    },
  },
]
const bodies = kinds.map((kind) => toBinary(BodySchema, create(BodySchema, { kind })))

function decoded(bytes: Uint8Array) {
  try {
    return fromBinary(BodySchema, bytes)
  } catch {
    return undefined
  }
}

test('whatever a member seals, it is shown, kept, or dropped and counted, and every list can still be read', () => {
  const outcomes = new Outcomes()
  const db = profile()
  addChat(db, chatId(1), { kind: 'direct', members: [alice, bob] })
  addChat(db, chatId(2), { kind: 'group', members: [alice, bob, carol], admins: [bob] })
  addChat(db, chatId(3), { kind: 'self', members: [alice] })
  // What is edited, reacted to and deleted is there.
  for (const chat of [chatId(1), chatId(2), chatId(3)]) {
    const { text } = thread(db, chat)
    for (const id of [messageId(1), messageId(2)]) text(byBob, 'hello', { id })
  }
  let seq = 2
  fc.assert(
    fc.property(
      hostile(bodies),
      fc.constantFrom(chatId(1), chatId(2), chatId(3)),
      fc.constantFrom(byAlice, byAliceLaptop, byBob, byCarol),
      fc.record({ content: fc.boolean(), again: fc.boolean(), sentAt: fc.maxSafeNat() }),
      (bytes, chat, by, { content, again, sentAt }) => {
        const body = decoded(bytes)
        if (body === undefined) return outcomes.note('no body')
        // As the message is refused that holds what no app writes.
        if (!isPlausible(body)) return outcomes.note('implausible')
        seq++
        const entry = { chat, seq, at: start + seq, epoch: 1, ...by, content, sentAt: sentAt % 2 ** 43 }
        const id = messageId(again ? 1 : seq)
        const arrived = { ...entry, id, body, bodyBytes: bytes, bodyKey: new Uint8Array(32) }
        const events = db.transaction(() => applyBody(db, arrived, me))
        outcomes.note(`${body.kind.case ?? 'unknown'} ${events.map(({ event }) => event).join() || 'nothing'}`)
      },
    ),
    runs(1500),
  )
  for (const chat of [chatId(1), chatId(2), chatId(3)]) {
    for (const message of messageViews(db, me, chat, 2000)) expect(message.text ?? '').toBeTypeOf('string')
  }
  expect(chatViews(db, me).length).toBe(3)
  for (const seen of [
    'no body',
    'implausible',
    'text message',
    'unknown nothing',
    'edit edit',
    'reaction reaction',
    'delete delete',
  ])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  expect(Object.keys(dropped(db, chatId(2)))).toEqual(
    expect.arrayContaining(['malformed', 'not-entitled', 'content-flag']),
  )
})

/** What the devices of an account say to each other, all families of keys in it. */
function saidAmongDevices(): readonly Uint8Array[] {
  const db = createDatabase()
  const laptop = { account: alice, device: aliceLaptop }
  const keys = [
    ['profile/name', wordsValue('Alice')],
    [`read/${chatId(1)}`, numberValue(7)],
    [`floor/${chatId(1)}`, new Uint8Array([0x10, 3])],
    [`contact/${bob}`, new Uint8Array([0x12, 2, 8, 5])],
    [`blocked/${bob}`, wordsValue('on')],
    [`verified/${bob}`, undefined],
    [`fork/${bob}`, new Uint8Array(4)],
    [`removed/${deviceId(9)}`, numberValue(2)],
    ['later/key', new Uint8Array(4)],
  ] as const
  const ops = keys.map(([key, value]) => localOp(db, laptop, key, value))
  return [
    toBinary(SelfOpsSchema, create(SelfOpsSchema, { ops })),
    ...ops.map((op) => toBinary(SelfOpsSchema, create(SelfOpsSchema, { ops: [op] }))),
    toBinary(SelfOpsSchema, create(SelfOpsSchema, { snapshot: snapshot(db), ask: true })),
  ]
}

test('whatever a device of one’s own says of the shared state, the state stays one that can be told on', () => {
  const samples = saidAmongDevices()
  const outcomes = new Outcomes()
  const db = profile()
  addChat(db, chatId(1), { kind: 'direct', members: [alice, bob] })
  fc.assert(
    fc.property(hostile(samples), (bytes) => {
      let body: SelfOps
      try {
        body = fromBinary(SelfOpsSchema, bytes)
      } catch {
        return outcomes.note('none')
      }
      if (!isPlausible(body)) return outcomes.note('implausible')
      const before = digest(db)
      db.transaction(() => applySelfOps(db, me, body, aliceLaptop, start))
      outcomes.note(Buffer.compare(before, digest(db)) === 0 ? 'same' : 'changed')
    }),
    runs(800),
  )
  for (const seen of ['none', 'implausible', 'same', 'changed']) expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  // Another device takes all of it over, and comes to the same.
  const other = createDatabase()
  const told = toBinary(SelfOpsSchema, create(SelfOpsSchema, { snapshot: snapshot(db) }))
  other.transaction(() =>
    applySelfOps(other, { account: alice, device: deviceId(77) }, fromBinary(SelfOpsSchema, told), me.device, start),
  )
  expect(digest(other)).toEqual(digest(db))
  const faults = db.all('select distinct kind from fault').map((row) => row['kind'])
  expect(faults).toEqual(expect.arrayContaining(['self-malformed', 'self-foreign']))
})
