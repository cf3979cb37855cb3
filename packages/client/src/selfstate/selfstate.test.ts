import { bytesOf, type DeviceId, hexOf } from '@quintet/domain'
import { create, FloorSchema, type SelfOp, SelfOpSchema, SelfOpsSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { assert } from '../../test/assert.ts'
import { createDatabase } from '../../test/database.ts'
import { alice, aliceLaptop, alicePhone, aliceTablet, bob, chatId } from '../../test/people.ts'
import type { Database } from '../ports.ts'
import { accept, isAccepted } from './accepted.ts'
import { applyOps, applySelfOps } from './apply.ts'
import { isBlocked, setBlocked } from './blocked.ts'
import { isVerified, pinOf, pins, setPin, setVerified } from './contact.ts'
import { deviceName, nameDevice } from './device-name.ts'
import { digest } from './digest.ts'
import { notices } from '../content/notices.ts'
import { recordFault } from '../store/fault.ts'
import { floorOf, raiseFloor } from './floor.ts'
import { untoldForks } from './fork.ts'
import { devicesWithHole } from './held.ts'
import { hiddenChats, setHidden } from './hidden.ts'
import { importSnapshot } from './import.ts'
import { localOp } from './local.ts'
import { profileName, setProfileName } from './profile.ts'
import { markReadUpTo, readUpTo } from './read.ts'
import { endOpsOf } from './removed.ts'
import { setSetting, settingOn } from './settings.ts'
import { snapshot, snapshotParts } from './snapshot.ts'
import { wordsValue } from './value.ts'

interface Device {
  readonly db: Database
  readonly me: { readonly account: typeof alice; readonly device: DeviceId }
}
const device = (id: DeviceId): Device => ({ db: createDatabase(), me: { account: alice, device: id } })
const hear = (to: Device, from: Device, ...ops: readonly SelfOp[]) => applyOps(to.db, to.me, ops, from.me.device, 1)
const faults = (of: Device) => of.db.all('select kind from fault order by id').map((row) => row['kind'])
const say = (from: Device, key: string, words: string | undefined) =>
  localOp(from.db, from.me, key, words === undefined ? undefined : wordsValue(words))
const same = (a: Device, b: Device) => expect(hexOf(digest(a.db))).toBe(hexOf(digest(b.db)))
const zoo = chatId(7)

test('two entries at one place of a log, found by one device, are known to all of them, once', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const proof = new Uint8Array(40).fill(7)
  expect(untoldForks(phone.db, phone.me)).toEqual([])
  recordFault(phone.db, 'log-fork', bob, 5)
  phone.db.run("update fault set detail = ? where kind = 'log-fork'", proof)
  const ops = untoldForks(phone.db, phone.me)
  expect(ops).toHaveLength(1)
  expect(untoldForks(phone.db, phone.me)).toEqual([])
  hear(laptop, phone, ...ops)
  expect(laptop.db.get('select kind, detail from fault')).toMatchObject({ kind: 'log-fork', detail: proof })
  expect(laptop.db.get('select fault from account where account = ?', bob)).toEqual({ fault: 'fork' })
  expect(notices(laptop.db).map((notice) => notice.sentence)).toEqual([expect.stringContaining('going round')])
  expect(untoldForks(laptop.db, laptop.me)).toEqual([])
})

test('what one device is told, the other knows', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const ops = [
    assert(nameDevice(phone.db, phone.me, aliceLaptop, 'Kitchen')),
    assert(setProfileName(phone.db, phone.me, 'Alice')),
    assert(accept(phone.db, phone.me, bob)),
    assert(setBlocked(phone.db, phone.me, bob, true)),
    assert(setSetting(phone.db, phone.me, 'read-receipts', false)),
    assert(markReadUpTo(phone.db, phone.me, zoo, 12)),
    assert(setHidden(phone.db, phone.me, zoo, 12)),
    assert(setPin(phone.db, phone.me, bob, { position: 4n, hash: new Uint8Array(32).fill(4) })),
    assert(setVerified(phone.db, phone.me, bob, true)),
    assert(raiseFloor(phone.db, phone.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 3n }))),
  ]
  const events = hear(laptop, phone, ...ops)
  expect(events).toContainEqual({ event: 'device', change: 'renamed', device: aliceLaptop, by: alicePhone })
  expect(deviceName(laptop.db, aliceLaptop)).toBe('Kitchen')
  expect(profileName(laptop.db)).toBe('Alice')
  expect(laptop.db.get('select name from account where account = ?', alice)).toMatchObject({ name: 'Alice' })
  expect(isAccepted(laptop.db, bob)).toBe(true)
  expect(isBlocked(laptop.db, bob)).toBe(true)
  expect(settingOn(laptop.db, 'read-receipts')).toBe(false)
  expect(settingOn(laptop.db, 'delivered')).toBe(true)
  expect(readUpTo(laptop.db, zoo)).toBe(12)
  expect(hiddenChats(laptop.db).get(zoo)).toBe(12)
  expect(pinOf(laptop.db, bob)).toMatchObject({ verified: true, head: { position: 4n } })
  expect(pins(laptop.db)).toHaveLength(1)
  expect(isVerified(laptop.db, bob)).toBe(true)
  expect(floorOf(laptop.db, zoo)?.epoch).toBe(3n)
  expect(laptop.db.get('select seen_position from account where account = ?', bob)).toMatchObject({ seen_position: 4 })
  same(phone, laptop)
})

test('saying again what is so already makes no op', () => {
  const { db, me } = device(alicePhone)
  setBlocked(db, me, bob, true)
  nameDevice(db, me, alicePhone, 'Phone')
  markReadUpTo(db, me, zoo, 5)
  expect(setBlocked(db, me, bob, true)).toBeUndefined()
  expect(nameDevice(db, me, alicePhone, 'Phone')).toBeUndefined()
  expect(markReadUpTo(db, me, zoo, 4)).toBeUndefined()
  expect(setSetting(db, me, 'delivered', true)).toBeUndefined()
})

test('of two changes at once the higher device id stands, whichever came first (S1)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const fromPhone = say(phone, 'profile/name', 'Al')
  const fromLaptop = say(laptop, 'profile/name', 'Alice')
  hear(phone, laptop, fromLaptop)
  hear(laptop, phone, fromPhone)
  expect(profileName(phone.db)).toBe('Alice')
  same(phone, laptop)
})

test('a read position never goes back, though the lower one was said later (S4)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  say(laptop, 'settings/delivered', 'on')
  const far = assert(markReadUpTo(phone.db, phone.me, zoo, 900))
  const near = assert(markReadUpTo(laptop.db, laptop.me, zoo, 5))
  const laptopFirst = device(aliceTablet)
  hear(laptopFirst, phone, far)
  hear(laptop, phone, far)
  hear(phone, laptop, near)
  expect(readUpTo(laptop.db, zoo)).toBe(900)
  expect(readUpTo(phone.db, zoo)).toBe(900)
})

test('a floor and a pinned head only rise', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const high = assert(raiseFloor(phone.db, phone.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 9n })))
  const pin = assert(setPin(phone.db, phone.me, bob, { position: 9n, hash: new Uint8Array(32) }))
  say(laptop, 'settings/delivered', 'on')
  say(laptop, 'settings/delivered', 'off')
  raiseFloor(laptop.db, laptop.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 2n }))
  setPin(laptop.db, laptop.me, bob, { position: 2n, hash: new Uint8Array(32) })
  hear(laptop, phone, high, pin)
  expect(floorOf(laptop.db, zoo)?.epoch).toBe(9n)
  expect(pinOf(laptop.db, bob)?.head?.position).toBe(9n)
  expect(raiseFloor(laptop.db, laptop.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 9n }))).toBeUndefined()
})

test('an op whose Lamport number leaps is refused and flagged, later honest ones count (S2)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  hear(laptop, phone, say(phone, 'profile/name', 'Alice'))
  phone.db.run("update meta set value = ? where key = 'self-lamport'", 2 ** 20 + 1)
  const leap = say(phone, 'profile/name', 'Mallory')
  phone.db.run("update meta set value = 1 where key = 'self-lamport'")
  const honest = say(phone, 'device-name/x', 'later')
  hear(laptop, phone, leap, honest)
  expect(profileName(laptop.db)).toBe('Alice')
  expect(faults(laptop)).toEqual(['self-jump'])
  expect(laptop.db.get("select 1 as one from self_state where key = 'device-name/x'")).toBeDefined()
})

test('a newcomer takes a long-lived state as it is; who has a state refuses a leap in a snapshot (S2)', () => {
  const phone = device(alicePhone)
  say(phone, 'profile/name', 'Alice')
  phone.db.run("update meta set value = ? where key = 'self-lamport'", 2 ** 21)
  say(phone, 'settings/delivered', 'off')
  const fresh = device(aliceLaptop)
  importSnapshot(fresh.db, fresh.me, snapshot(phone.db), 1)
  same(phone, fresh)
  expect(faults(fresh)).toEqual([])
  const old = device(aliceTablet)
  hear(old, fresh, say(device(aliceLaptop), 'profile/name', 'Al'))
  importSnapshot(old.db, old.me, snapshot(phone.db), 1)
  expect(settingOn(old.db, 'delivered')).toBe(true)
  expect(faults(old)).toEqual(['self-jump'])
})

test('a floor that this device has reached by itself is not lowered by what a sibling says', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  raiseFloor(laptop.db, laptop.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 2n }))
  laptop.db.run('update floor set epoch = 20')
  hear(laptop, phone, assert(raiseFloor(phone.db, phone.me, create(FloorSchema, { chat: bytesOf(zoo), epoch: 9n }))))
  expect(laptop.db.get('select epoch from floor')).toEqual({ epoch: 20 })
})

test('ops after a hole wait until it is filled, in whatever order they come (S3)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const ops = ['one', 'two', 'three', 'four'].map((name) => say(phone, 'profile/name', name))
  const [one, two, three, four] = ops
  hear(laptop, phone, assert(four), assert(three))
  hear(laptop, phone, assert(one))
  expect(profileName(laptop.db)).toBe('one')
  expect(devicesWithHole(laptop.db)).toEqual([alicePhone])
  hear(laptop, phone, assert(two))
  expect(profileName(laptop.db)).toBe('four')
  expect(devicesWithHole(laptop.db)).toEqual([])
  expect(faults(laptop)).toEqual([])
  same(phone, laptop)
})

test('an op that names another one before it is held and flagged (S3)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  hear(laptop, phone, say(phone, 'profile/name', 'Alice'))
  const forged = say(phone, 'profile/name', 'Mallory')
  forged.previous = new Uint8Array(32)
  hear(laptop, phone, forged)
  expect(profileName(laptop.db)).toBe('Alice')
  expect(faults(laptop)).toEqual(['self-broken'])
  expect(devicesWithHole(laptop.db)).toEqual([alicePhone])
})

test('a device whose database went back in time is flagged and does not count twice', () => {
  const phone = device(alicePhone)
  const restored = device(alicePhone)
  const laptop = device(aliceLaptop)
  hear(laptop, phone, say(phone, 'profile/name', 'Alice'))
  hear(laptop, phone, say(restored, 'profile/name', 'Bella'))
  expect(profileName(laptop.db)).toBe('Alice')
  expect(faults(laptop)).toEqual(['self-fork'])
})

test('no device speaks for another, and nonsense is refused', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  applyOps(laptop.db, laptop.me, [say(phone, 'profile/name', 'Alice')], aliceTablet, 1)
  hear(laptop, phone, create(SelfOpSchema, { key: 'profile/name', device: bytesOf(alicePhone), counter: 1n }))
  expect(profileName(laptop.db)).toBe('')
  expect(faults(laptop)).toEqual(['self-foreign', 'self-malformed'])
})

test('the ops of a removed device count up to the one named at its removal (S5)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const tablet = device(aliceTablet)
  const good = say(tablet, 'profile/name', 'Alice')
  const late = say(tablet, 'profile/name', 'Thief')
  hear(phone, tablet, good)
  hear(laptop, tablet, good)
  hear(laptop, phone, assert(endOpsOf(phone.db, phone.me, aliceTablet)))
  expect(endOpsOf(phone.db, phone.me, aliceTablet)).toBeUndefined()
  hear(phone, tablet, late)
  hear(laptop, tablet, late)
  importSnapshot(laptop.db, laptop.me, snapshot(tablet.db), 1)
  expect(profileName(phone.db)).toBe('Alice')
  expect(profileName(laptop.db)).toBe('Alice')
  same(phone, laptop)
})

test('a device that is linked later starts from a snapshot and goes on from there (S5)', () => {
  const phone = device(alicePhone)
  setBlocked(phone.db, phone.me, bob, true)
  for (let at = 1; at < 200; at++) say(phone, `label/${at}`, 'a label of a later version')
  const parts = snapshotParts(phone.db, 2000)
  expect(parts.length).toBeGreaterThan(3)
  const laptop = device(aliceLaptop)
  for (const part of parts) importSnapshot(laptop.db, laptop.me, part, 1)
  same(phone, laptop)
  hear(laptop, phone, say(phone, 'profile/name', 'Alice'))
  expect(profileName(laptop.db)).toBe('Alice')
  expect(isBlocked(laptop.db, bob)).toBe(true)
})

test('a snapshot of a sibling fills a hole, and what was held behind it counts', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const tablet = device(aliceTablet)
  const lost = say(phone, 'device-name/x', 'lost on the way')
  const known = say(phone, 'profile/name', 'Al')
  const held = say(phone, 'profile/name', 'Alice')
  hear(tablet, phone, lost, known)
  hear(laptop, phone, known, held)
  expect(profileName(laptop.db)).toBe('')
  const body = create(SelfOpsSchema, { snapshot: snapshot(tablet.db) })
  applySelfOps(laptop.db, laptop.me, body, aliceTablet, 1)
  expect(profileName(laptop.db)).toBe('Alice')
  expect(devicesWithHole(laptop.db)).toEqual([])
  same(phone, laptop)
})

test('a snapshot never unblocks anybody; an op does (S4)', () => {
  const phone = device(alicePhone)
  const laptop = device(aliceLaptop)
  const block = assert(setBlocked(phone.db, phone.me, bob, true))
  hear(laptop, phone, block)
  const unblock = assert(setBlocked(phone.db, phone.me, bob, false))
  importSnapshot(laptop.db, laptop.me, snapshot(phone.db), 1)
  expect(isBlocked(laptop.db, bob)).toBe(true)
  const tablet = device(aliceTablet)
  hear(tablet, phone, block, unblock)
  expect(isBlocked(tablet.db, bob)).toBe(false)
  hear(phone, laptop, say(laptop, `blocked/${bob}`, undefined))
  expect(isBlocked(laptop.db, bob)).toBe(false)
})
