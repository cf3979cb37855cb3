import { memoryStore } from '../src/memory/memory-store.ts'
import { expect, test } from 'vitest'
import { bytesOf } from '@quintet/domain'
import { create, LogEntrySchema, SignedStatementSchema, toBinary } from '@quintet/wire'
import { chatIdOf, expectAnswer, outcome, policyFor, type TestWorld } from '../src/testing/index.ts'
import { playGarbage } from './garbage.ts'
import { newWorld } from './new-world.ts'

test('frames that nobody should send are each answered or end the connection, and others talk on', {
  timeout: 600_000,
}, async () => {
  const outcomes = await playGarbage(memoryStore(), 800)
  // Far in: past the frame, into every command, and out again by its refusals.
  const answered = new Set(outcomes.names.map((name) => name.split(' ')[0]))
  expect(answered.size).toBe(30)
  expect(outcomes.names.length).toBeGreaterThan(45)
  for (const seen of ['append malformed', 'signUp unauthenticated', 'appendLog malformed', 'unknown malformed'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})

test('what stands outside a signature is neither kept nor passed on', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const statement = await alice.account.statement(alice.keys, 2n)
  const good = toBinary(SignedStatementSchema, statement).length
  statement.$unknown = [{ no: 900, wireType: 2, data: new Uint8Array([4, 1, 2, 3, 4]) }]
  expect(outcome(await alice.ask({ case: 'putStatement', value: { statement } }))).toBe('done')
  const { logs } = expectAnswer(
    await alice.ask({ case: 'logs', value: { accounts: [{ account: alice.account.bytes }] } }),
    'logs',
  )
  const [kept] = logs[0]?.statements ?? []
  expect(kept && toBinary(SignedStatementSchema, kept).length).toBe(good)
})

test('a stranger’s frame of millions of empty fields costs nothing: it is no request', async () => {
  const world: TestWorld = await newWorld()
  const alice = await world.person('alice')
  for (const call of [0x2a, 0xd2]) {
    const device = await world.device(await world.account())
    // A request for logs, or handles, of two million accounts that have no name.
    device.line.sendRaw(manyFields(call, 2_000_000))
    await device.line.until(() => device.line.closed)
    expect((await device.line.hears('goodbye')).message).toBe('That is no request.')
  }
  expect(outcome(await alice.ask({ case: 'ping', value: {} }))).toBe('done')
})

test('long logs come in several answers, one at least in each: no frame grows with what others have written', async () => {
  const store = memoryStore()
  const world = await newWorld({}, store)
  const people = [await world.person('alice'), await world.person('bob'), await world.person('carol')]
  const [alice] = people
  if (alice === undefined) throw new Error('somebody asks')
  const long = toBinary(LogEntrySchema, create(LogEntrySchema, { body: new Uint8Array(600_000) }))
  store.accounts.log = async () => ({ entries: [long], statements: [] })
  const accounts = people.map((person) => ({ account: person.account.bytes }))
  const answered = async (from: number) =>
    expectAnswer(await alice.ask({ case: 'logs', value: { accounts: accounts.slice(from) } }), 'logs').logs.length
  expect([await answered(0), await answered(2)]).toEqual([2, 1])
})

test('what asks for too much at once is too large, and what is wrong in one part is not done in another', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const chat = chatIdOf(world.random(32))
  await alice.createChat(chat, policyFor('group', alice.account, [alice.account]))
  await alice.say(chat, 1n, 1n, 'hello')
  const account = alice.account.bytes
  const many = (length: number) => Array.from({ length }, () => account)
  const logs = many(257).map((one) => ({ account: one }))
  const cursor = { chat: bytesOf(chat), seq: 2n }
  expect(outcome(await alice.ask({ case: 'logs', value: { accounts: logs } }))).toBe('TOO_LARGE')
  expect(outcome(await alice.ask({ case: 'handlesOf', value: { accounts: many(1001) } }))).toBe('TOO_LARGE')
  const cursors = many(1001).map(() => cursor)
  expect(outcome(await alice.ask({ case: 'ack', value: { cursors } }))).toBe('TOO_LARGE')
  const half = [cursor, { chat: new Uint8Array(31), seq: 1n }]
  expect(outcome(await alice.ask({ case: 'ack', value: { cursors: half } }))).toBe('MALFORMED')
  const { chats } = expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync')
  expect(chats[0]?.cursor).toBeLessThan(2n)
})

function manyFields(call: number, count: number): Uint8Array {
  const fields = new Uint8Array(2 * count)
  for (let at = 0; at < fields.length; at += 2) fields[at] = 0x0a
  const inner = (tag: number[], content: Uint8Array) =>
    Buffer.concat([Uint8Array.from([...tag, ...lengthOf(content.length)]), content])
  return inner([0x12], inner(call === 0xd2 ? [0xd2, 0x01] : [call], fields))
}

function lengthOf(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, ...lengthOf(length >>> 7)]
}
