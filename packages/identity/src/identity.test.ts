import { parseChatBytes, sameBytes } from '@quintet/domain'
import { create, LogEntrySchema, SignedStatementSchema } from '@quintet/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { alone, both, kit, laptop, phone, rescued, thief, waiting, web } from '../test/cases.ts'
import {
  addOf,
  begin,
  claimOf,
  day,
  extended,
  hour,
  mainOf,
  removalOf,
  rightsOf,
  seed,
  start,
  write,
} from '../test/story.ts'
import {
  activeDevices,
  authMessage,
  checkPin,
  compareHeads,
  deviceActiveAt,
  deviceAt,
  ed25519Signer,
  entryHash,
  extendLog,
  forkOf,
  isPrefix,
  leaveIntentHash,
  type LogOperation,
  mayClaim,
  mayManage,
  newerStatement,
  parseStatement,
  probationUntil,
  replayLog,
  shortHead,
  signLeaveIntent,
  signStatement,
  verifyAuth,
  verifyLeaveIntent,
} from './index.ts'

const signer = (device: { secret: Uint8Array }) => ed25519Signer(device.secret)
const nonce = seed('nonce').slice(0, 16)
const chat = parseChatBytes(seed('chat'))
if (chat === undefined) throw new Error('a chat id')

test('a phished laptop can do nothing but claim after its day and leave', () => {
  const ops: readonly LogOperation[] = [
    addOf(thief),
    removalOf(phone),
    mainOf(laptop),
    rightsOf(laptop, true),
    rightsOf(phone, false),
    claimOf(phone),
    { kind: 'set-recovery', recovery: kit.recovery },
    { kind: 'set-recovery', recovery: undefined },
    { kind: 'close' },
  ]
  fc.assert(
    fc.property(fc.constantFrom(...ops), fc.integer({ min: 0, max: 400 * day }), (op, later) => {
      const entry = write(waiting.state, { op, signer: laptop, atMs: start + later }, [thief])
      expect(extendLog(waiting.state, entry).ok).toBe(false)
    }),
    { numRuns: 60 },
  )
})

test('a thief who may manage and threw everyone out is thrown out by the kit', () => {
  const moves = [
    { op: addOf(thief), added: thief },
    { op: removalOf(phone) },
    { op: mainOf(laptop) },
    { op: rightsOf(phone, false) },
    { op: rightsOf(laptop, true) },
  ]
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...moves), { maxLength: 6 }),
      fc.integer({ min: 0, max: 71 }),
      (plan, hours) => {
        // The thief holds the laptop, and does whatever of its plan is possible.
        const robbed = plan.reduce((log, move) => {
          const entry = write(log.state, { ...move, signer: laptop }, move.added ? [move.added] : [])
          return extendLog(log.state, entry).ok ? extended(log, { ...move, signer: laptop }) : log
        }, both)
        const saved = extended(robbed, { op: addOf(web), signer: kit, added: web })
        const atMs = saved.atMs + hours * hour
        for (const op of [removalOf(web), rightsOf(web, false)]) {
          const entry = write(saved.state, { op, signer: laptop, atMs })
          expect(extendLog(saved.state, entry)).toMatchObject({ ok: false, fault: { kind: 'kit-protected' } })
        }
        const free = extended(saved, { op: removalOf(laptop), signer: web, atMs })
        expect(mayManage(free.state, web.identity.device)).toBe(true)
        expect(mayManage(free.state, laptop.identity.device)).toBe(false)
      },
    ),
    { numRuns: 25 },
  )
})

test('any entry lost, doubled, moved or changed by a byte is seen where it happens', () => {
  const { entries } = rescued
  const at = fc.nat(entries.length - 1)
  fc.assert(
    fc.property(at, at, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, two, where, bits) => {
      const lost = entries.filter((_, index) => index !== one)
      expect(isPrefix(replayed(lost), entries)).toBe(true)
      const doubled = entries.toSpliced(two, 0, ...entries.slice(one, one + 1))
      expect(replayLog(doubled).fault).toBeDefined()
      const entry = entries[one]
      if (entry === undefined) return
      const field = where % 3 === 0 ? 'signature' : 'body'
      const bytes = entry[field].slice()
      bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ bits
      const changed = entries.with(one, create(LogEntrySchema, { ...entry, [field]: bytes }))
      const { state, fault } = replayLog(changed)
      expect(fault !== undefined || state?.account !== rescued.state.account).toBe(true)
      expect(Number(fault?.position ?? 0)).toBeLessThanOrEqual(one)
    }),
    { numRuns: 60 },
  )
})

/** The valid prefix of a log. */
function replayed(entries: typeof rescued.entries): typeof rescued.entries {
  const { state } = replayLog(entries)
  return state === undefined ? [] : entries.slice(0, Number(state.head.position) + 1)
}

test('two valid entries at one position prove a fork; anything less proves nothing', () => {
  const remove = write(both.state, { op: removalOf(laptop), signer: phone })
  const main = write(both.state, { op: mainOf(laptop), signer: phone })
  const forged = write(both.state, { op: mainOf(laptop), signer: phone, signedBy: thief })
  expect(forkOf(both.state, remove, main)).toMatchObject({ position: 3n })
  expect(forkOf(both.state, remove, remove)).toBeUndefined()
  expect(forkOf(both.state, remove, forged)).toBeUndefined()
  expect(forkOf(alone.state, remove, main)).toBeUndefined()
})

test('a head says who is behind, who is ahead, and who was shown another log', () => {
  const [old, now] = [waiting.state.head, both.state.head]
  expect(compareHeads(now, shortHead(now))).toBe('same')
  expect(compareHeads(old, shortHead(now))).toBe('ahead')
  expect(compareHeads(now, shortHead(old))).toBe('behind')
  expect(compareHeads(now, { position: now.position, hash: old.hash })).toBe('forked')
  expect(compareHeads(now, { position: now.position, hash: now.hash.slice(0, 7) })).toBe('forked')
  expect(checkPin(old, both.entries)).toBe('extends')
  expect(checkPin(now, waiting.entries)).toBe('shorter')
  expect(checkPin({ position: 1n, hash: now.hash }, both.entries)).toBe('differs')
  expect(isPrefix(waiting.entries, both.entries)).toBe(true)
  expect(isPrefix(both.entries, waiting.entries)).toBe(false)
  const last = both.entries[2]
  expect(last && sameBytes(entryHash(last), now.hash)).toBe(true)
})

test('devices are listed with what they may', () => {
  expect(activeDevices(both.state).map(({ kind }) => kind)).toEqual(['phone', 'desktop'])
  expect(deviceAt(both.state, 1n)?.device).toBe(laptop.identity.device)
  const record = waiting.state.devices.get(laptop.identity.device)
  if (record === undefined) throw new Error('the laptop is listed')
  expect(probationUntil(record)).toBe(start + day)
  expect(mayClaim(record, start + day - 1)).toBe(false)
  expect(mayClaim(record, start + day)).toBe(true)
  expect(mayManage(waiting.state, laptop.identity.device)).toBe(false)
  expect(mayManage(both.state, laptop.identity.device)).toBe(true)
})

test('what a device did before it was removed stands, what it does after does not', () => {
  const later = extended(both, { op: removalOf(laptop), signer: phone, atMs: start + 2 * day })
  const { device } = laptop.identity
  expect(deviceActiveAt(later.state, device, start + 2 * day)?.device).toBe(device)
  expect(deviceActiveAt(later.state, device, start + 2 * day + 1)).toBeUndefined()
  const closed = extended(both, { op: { kind: 'close' }, signer: phone, atMs: start + 2 * day })
  expect(deviceActiveAt(closed.state, device, start + 2 * day + 1)).toBeUndefined()
  expect(activeDevices(closed.state)).toEqual([])
})

const about = {
  appVersion: '1.2.3',
  protocolMin: 1,
  protocolMax: 1,
  features: ['x'],
  suites: ['base', 'hybrid'],
} as const
const said = (counter: bigint, by = phone, more = {}) =>
  signStatement({ ...about, ...more, account: alone.state.account, device: by.identity.device, counter }, signer(by))

test('a statement is believed of an active device of that account, by its own signature', async () => {
  expect(parseStatement(await said(1n), alone.state)).toMatchObject({ ok: true, statement: { ...about, counter: 1n } })
  expect(parseStatement(await said(1n, thief), alone.state)).toEqual({ ok: false, fault: 'unknown-device' })
  const { statement, signature } = await said(1n)
  const forged = create(SignedStatementSchema, { statement, signature: (await said(2n)).signature })
  expect(parseStatement(forged, alone.state)).toEqual({ ok: false, fault: 'bad-signature' })
  const noise = create(SignedStatementSchema, { statement: nonce, signature })
  expect(parseStatement(noise, alone.state)).toEqual({ ok: false, fault: 'malformed' })
  expect(parseStatement(await said(1n), begin(laptop).state)).toEqual({ ok: false, fault: 'wrong-account' })
  const removed = extended(both, { op: removalOf(laptop), signer: phone })
  expect(parseStatement(await said(1n, laptop), removed.state)).toEqual({ ok: false, fault: 'unknown-device' })
})

test('only a higher counter replaces a statement; a lower or a second one of the same number is a downgrade', async () => {
  const [one, two] = [await said(1n), await said(2n)]
  expect(newerStatement(undefined, one)).toBe('newer')
  expect(newerStatement(one, two)).toBe('newer')
  expect(newerStatement(two, two)).toBe('same')
  expect(newerStatement(two, one)).toBe('downgrade')
  expect(newerStatement(two, await said(2n, phone, { suites: ['base'] }))).toBe('downgrade')
  expect(newerStatement(two, create(SignedStatementSchema, { statement: nonce }))).toBe('downgrade')
})

test('a wish to leave is one of an active device of that account', async () => {
  const claim = { chat, account: both.state.account, device: laptop.identity.device, nonce }
  const intent = await signLeaveIntent(claim, signer(laptop))
  expect(verifyLeaveIntent(intent, both.state)).toEqual(claim)
  expect(verifyLeaveIntent(await signLeaveIntent(claim, signer(thief)), both.state)).toBeUndefined()
  expect(verifyLeaveIntent(intent, alone.state)).toBeUndefined()
  const short = await signLeaveIntent({ ...claim, nonce: nonce.slice(1) }, signer(laptop))
  expect(verifyLeaveIntent(short, both.state)).toBeUndefined()
  const removed = extended(both, { op: removalOf(laptop), signer: phone, atMs: start + 2 * day }).state
  expect(verifyLeaveIntent(intent, removed)).toBeUndefined()
  expect(verifyLeaveIntent(intent, removed, start + day)).toEqual(claim)
  expect(leaveIntentHash(intent)).toHaveLength(32)
})

test('a connection is let in by a signature of this challenge alone', async () => {
  const challenge = {
    incarnation: nonce,
    challenge: seed('c'),
    account: both.state.account,
    device: phone.identity.device,
  }
  const secret = seed('phone auth')
  const signature = await ed25519Signer(secret)(authMessage(challenge))
  expect(verifyAuth(phone.identity.authKey, challenge, signature)).toBe(true)
  expect(verifyAuth(phone.identity.authKey, { ...challenge, challenge: seed('d') }, signature)).toBe(false)
  expect(verifyAuth(phone.identity.logKey, challenge, signature)).toBe(false)
  expect(verifyAuth(phone.identity.authKey, challenge, signature.slice(1))).toBe(false)
})
