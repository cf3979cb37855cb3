import { concatBytes, parseChatBytes, sameBytes } from '@quintet/domain'
import { fromBinary, LeaveIntentSchema, type LogEntry, LogEntrySchema, SignedLeaveIntentSchema } from '@quintet/wire'
import { SignedStatementSchema, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsChanged, hostile } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { both, laptop, logCases, phone, web } from '../test/cases.ts'
import { addOf, assemble, day, mainOf, removalOf, rightsOf, seed, write } from '../test/story.ts'
import {
  compareHeads,
  decodeLeaveIntent,
  decodeStatement,
  ed25519Signer,
  extendLog,
  forkOf,
  newerStatement,
  parseLogBody,
  parseStatement,
  replayLog,
  signLeaveIntent,
  signStatement,
  verifyAuth,
  verifyLeaveIntent,
  verifySignature,
} from './index.ts'

/** Every entry of every case, good and bad, beside the state that it would extend. */
const places = logCases.flatMap(({ entries }) =>
  entries.map((entry, at) => ({ entry, before: replayLog(entries.slice(0, at)).state })),
)
const encoded = places.map(({ entry }) => toBinary(LogEntrySchema, entry))
const bodies = places.map(({ entry }) => entry.body)

function decoded(bytes: Uint8Array): LogEntry | undefined {
  try {
    return fromBinary(LogEntrySchema, bytes)
  } catch {
    return undefined
  }
}

const same = (a: LogEntry, b: LogEntry) =>
  sameBytes(a.body, b.body) && sameBytes(a.signature, b.signature) && sameBytes(a.countersignature, b.countersignature)

test('a body of a log entry is read whole or has one of two faults', () => {
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile(bodies), (bytes) => {
      const parsed = parseLogBody(bytes)
      outcomes.note('fault' in parsed ? parsed.fault : parsed.operation.kind)
    }),
    runs(4000),
  )
  for (const seen of ['malformed', 'unknown-operation', 'create', 'add', 'remove']) {
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  }
})

test('no changed entry extends a log, whatever was changed, and the log stays as it was', () => {
  const outcomes = new Outcomes()
  const place = fc.nat(places.length - 1)
  fc.assert(
    fc.property(place, hostile(encoded), hostile(bodies), fc.boolean(), (at, bytes, body, onlyBody) => {
      const { before, entry: good } = places[at] ?? { before: undefined, entry: undefined }
      const entry = onlyBody && good ? { ...good, body } : decoded(bytes)
      if (entry === undefined) return outcomes.note('no entry')
      const was = before && structuredClone(before)
      const extended = extendLog(before, entry)
      expect(before).toEqual(was)
      outcomes.note(extended.ok ? 'ok' : extended.fault.kind)
      // It stands only where these very bytes were signed.
      if (extended.ok) expect(places.some((one) => same(one.entry, entry))).toBe(true)
      expect(forkOf(before, entry, entry)).toBeUndefined()
    }),
    runs(500),
  )
  for (const seen of ['no entry', 'malformed', 'bad-signature', 'wrong-position', 'wrong-account', 'ok']) {
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  }
})

test('a body that its own device signed, whatever it says, extends the log by one or has a fault', () => {
  const outcomes = new Outcomes()
  const last = both.entries.length
  const writing = { op: removalOf(laptop), signer: phone }
  const good = [addOf(web), removalOf(laptop), mainOf(laptop), rightsOf(laptop, false)].map(
    (op) => write(both.state, { op, signer: phone }).body,
  )
  fc.assert(
    fc.property(fieldsChanged(good), (body) => {
      const entry = assemble(body, writing)
      const extended = extendLog(both.state, entry)
      outcomes.note(extended.ok ? 'ok' : extended.fault.kind)
      if (!extended.ok) return
      expect(extended.state.head.position).toBe(BigInt(last))
      expect(extended.state.account).toBe(both.state.account)
      // It can be shown and stored: a time that is one, a size that is one entry's.
      expect(() => new Date(extended.state.headAtMs + day).toISOString()).not.toThrow()
      expect(body.length).toBeLessThanOrEqual(4096)
    }),
    runs(800),
  )
  for (const seen of [
    'ok',
    'malformed',
    'wrong-position',
    'unknown-operation',
    'unknown-signer',
    'bad-countersignature',
  ])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})

test('nobody makes others keep more than an entry, a statement or an intent is long', async () => {
  const twice = (bytes: Uint8Array, times: number) => concatBytes(...Array.from({ length: times }, () => bytes))
  // Fields said again and again: each time the same message, as the wire has it.
  const body = twice(write(both.state, { op: removalOf(laptop), signer: phone }).body, 200)
  expect(extendLog(both.state, assemble(body, { op: removalOf(laptop), signer: phone })).ok).toBe(false)
  const sign = ed25519Signer(phone.secret)
  const statement = twice((await signStatement({ ...said, ...versions, features: [] }, sign)).statement, 200)
  expect(decodeStatement(statement)).toBeUndefined()
  expect(decodeStatement(statement.subarray(0, statement.length / 200))?.counter).toBe(7n)
})

test('a log with spoilt entries keeps its good beginning', () => {
  const log = both.entries
  fc.assert(
    fc.property(fc.nat(log.length - 1), hostile(encoded), (at, bytes) => {
      const entry = decoded(bytes)
      if (entry === undefined || same(entry, log[at] ?? entry)) return
      const { state, fault } = replayLog([...log.slice(0, at), entry, ...log.slice(at + 1)])
      if (at > 0) expect(state?.account).toBe(both.state.account)
      if (fault !== undefined) expect(Number(fault.position)).toBeGreaterThanOrEqual(at)
    }),
    runs(400),
  )
})

const said = { account: both.state.account, device: phone.identity.device, counter: 7n, appVersion: '1.0' } as const
const versions = { protocolMin: 1, protocolMax: 1, features: ['a'], suites: ['base', 'hybrid'] } as const

test('no changed statement speaks for a device', async () => {
  const signed = await signStatement({ ...said, ...versions }, ed25519Signer(phone.secret))
  const outcomes = new Outcomes()
  const samples = [toBinary(SignedStatementSchema, signed), signed.statement]
  fc.assert(
    fc.property(hostile(samples), hostile([signed.statement]), fc.boolean(), (bytes, statement, inner) => {
      const seen = inner ? { ...signed, statement } : parsed(SignedStatementSchema, bytes)
      if (seen === undefined) return outcomes.note('no statement')
      const read = parseStatement(seen, both.state)
      outcomes.note(read.ok ? 'ok' : read.fault)
      if (read.ok) expect(sameBytes(seen.statement, signed.statement)).toBe(true)
      outcomes.note(newerStatement(signed, seen))
      decodeStatement(bytes)
    }),
    runs(1500),
  )
  for (const one of ['no statement', 'malformed', 'wrong-account', 'unknown-device', 'bad-signature', 'ok', 'same'])
    expect(outcomes.count(one), one).toBeGreaterThan(0)
  expect(outcomes.count('downgrade')).toBeGreaterThan(0)
})

test('no changed wish to leave counts', async () => {
  const chat = parseChatBytes(seed('chat'))
  if (chat === undefined) throw new Error('32 bytes are a chat id')
  const claim = { chat, nonce: seed('nonce').slice(0, 16), account: both.state.account, device: laptop.identity.device }
  const signed = await signLeaveIntent(claim, ed25519Signer(laptop.secret))
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(
      hostile([toBinary(SignedLeaveIntentSchema, signed)]),
      hostile([signed.intent]),
      fc.boolean(),
      (bytes, intent, inner) => {
        const seen = inner ? { ...signed, intent } : parsed(SignedLeaveIntentSchema, bytes)
        if (seen === undefined) return outcomes.note('no intent')
        outcomes.note(decodeLeaveIntent(seen) === undefined ? 'malformed' : 'read')
        const counts = verifyLeaveIntent(seen, both.state)
        outcomes.note(counts === undefined ? 'refused' : 'counts')
        if (counts !== undefined) expect(sameBytes(seen.intent, signed.intent)).toBe(true)
        parsed(LeaveIntentSchema, intent)
      },
    ),
    runs(1500),
  )
  for (const one of ['no intent', 'malformed', 'read', 'refused', 'counts'])
    expect(outcomes.count(one), one).toBeGreaterThan(0)
})

test('keys and signatures of any length and content are a wrong signature, and heads compare', () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 70 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
  )
  const head = fc.record({ position: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), hash: some })
  const { account } = both.state
  const { device } = phone.identity
  fc.assert(
    fc.property(some, some, some, head, head, (key, message, signature, one, other) => {
      expect(verifySignature(key, message, signature)).toBe(false)
      expect(verifyAuth(key, { incarnation: message, challenge: key, account, device }, signature)).toBe(false)
      expect(['same', 'ahead', 'behind', 'forked']).toContain(compareHeads(one, other))
    }),
    runs(800),
  )
})

function parsed<T extends Parameters<typeof fromBinary>[0]>(schema: T, bytes: Uint8Array) {
  try {
    return fromBinary(schema, bytes)
  } catch {
    return undefined
  }
}
