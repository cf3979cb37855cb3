import { bytesOf } from '@quintet/domain'
import { type Bootstrap, BootstrapSchema, create, fromBinary, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fieldsChanged } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { createTestDevice, type TestClientDevice } from '../../test/device.ts'
import { loadTestEngine } from '../../test/engine.ts'
import { bob, chatId } from '../../test/people.ts'
import { createTestClock, createTestRelay } from '../../test/relay.ts'
import { signUp } from '../device/sign-up.ts'
import { chatViews } from '../content/chat-view.ts'
import { importBootstrap } from './bootstrap.ts'
import { chatRecords } from './record.ts'

let ada: TestClientDevice

beforeAll(async () => {
  const clock = createTestClock()
  const relay = await createTestRelay({ clock })
  ada = createTestDevice(relay, clock, loadTestEngine)
  await signUp(ada.core, ada.hooks, { handle: 'ada' })
})
afterAll(() => ada.link.end())

const bytes = (length: number) => new Uint8Array(length).fill(7)
const good = () =>
  create(BootstrapSchema, {
    account: bytesOf(ada.core.mustOwn().account),
    head: { position: 0n, hash: bytes(32) },
    selfChat: bytes(32),
    pins: [{ account: bytesOf(bob), head: { position: 3n, hash: bytes(32) }, verified: true }],
    floors: [{ chat: bytesOf(chatId(5)), epoch: 4n, treeHash: bytes(32), accounts: [bytesOf(bob)] }],
    settings: new Uint8Array(),
    madeAtMs: 5n,
    handle: 'ada',
    chats: [{ chat: bytesOf(chatId(5)), title: 'Walk', titleSeq: 3n, description: 'on Sunday' }],
    people: [{ account: bytesOf(bob), handle: 'bob', name: 'Bob' }],
  })

test('a device that was removed left nonsense for the kit: the kit lets its owner in all the same', () => {
  const nonsense: readonly Partial<Bootstrap>[] = [
    { settings: Uint8Array.of(255, 255, 255) },
    { floors: good().floors.map((floor) => ({ ...floor, epoch: 2n ** 64n - 1n })) },
    { chats: good().chats.map((intro) => ({ ...intro, titleSeq: 2n ** 63n })) },
    {
      pins: good().pins.map((pin) => ({
        ...pin,
        head: create(BootstrapSchema, { head: { position: 2n ** 64n - 1n } }).head,
      })),
    },
  ]
  for (const parts of nonsense) {
    ada.core.write(() => importBootstrap(ada.core, { ...good(), ...parts }))
    expect(chatRecords(ada.db).length).toBeGreaterThan(0)
    const numbers = ada.db.all(
      'select epoch as n from floor union all select title_seq from chat union all select seen_position from account',
    )
    for (const { n } of numbers) expect(Number.isSafeInteger(n)).toBe(true)
  }
})

test('whatever a bootstrap holds, what can be read of it is taken and the rest left', () => {
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(fieldsChanged([toBinary(BootstrapSchema, good())]), (encoded) => {
      let bootstrap: Bootstrap
      try {
        bootstrap = fromBinary(BootstrapSchema, encoded)
      } catch {
        return outcomes.note('none')
      }
      ada.core.write(() => importBootstrap(ada.core, bootstrap))
      outcomes.note('taken')
    }),
    runs(300),
  )
  expect(outcomes.names).toEqual(['none', 'taken'])
  expect(chatRecords(ada.db).length).toBeGreaterThan(0)
  expect(() => chatViews(ada.db, ada.core.mustOwn())).not.toThrow()
})
