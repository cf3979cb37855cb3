import { type DeviceId, hexOf } from '@quintet/domain'
import { type SelfOp, toBinary, fromBinary, SelfOpSchema } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDatabase } from '../../test/database.ts'
import { accountId, alice, chatId, deviceId } from '../../test/people.ts'
import { applyOps } from './apply.ts'
import { digest } from './digest.ts'
import { devicesWithHole } from './held.ts'
import { importSnapshot } from './import.ts'
import { localOp } from './local.ts'
import { snapshot } from './snapshot.ts'
import { numberValue, wordsValue } from './value.ts'

const keys = [
  `read/${chatId(1)}`,
  `read/${chatId(2)}`,
  'profile/name',
  `blocked/${accountId(1)}`,
  'settings/delivered',
  'later/key',
]
const devices = [deviceId(1), deviceId(2), deviceId(3)]

/** Somebody does something on a device, which may have heard of any of the ops made before. */
const step = fc.record({
  device: fc.constantFrom(...devices.keys()),
  key: fc.constantFrom(...keys),
  value: fc.option(fc.nat(50), { nil: undefined }),
  heard: fc.array(fc.nat(100), { maxLength: 4 }),
})

interface Said {
  readonly by: DeviceId
  readonly op: SelfOp
}

function play(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): readonly Said[] {
  const states = devices.map((device) => ({ db: createDatabase(), me: { account: alice, device } }))
  const said: Said[] = []
  for (const { device, key, value, heard } of steps) {
    const state = states[device]
    if (state === undefined) continue
    for (const at of heard) {
      const known = said[at % Math.max(1, said.length)]
      if (known !== undefined) applyOps(state.db, state.me, [known.op], known.by, 1)
    }
    const bytes =
      value === undefined ? undefined : key.startsWith('read/') ? numberValue(value) : wordsValue(String(value))
    const op = localOp(state.db, state.me, key, bytes)
    said.push({ by: state.me.device, op: fromBinary(SelfOpSchema, toBinary(SelfOpSchema, op)) })
  }
  return said
}

function hearAll(said: readonly Said[]): { readonly digest: string; readonly holes: number } {
  const db = createDatabase()
  const me = { account: alice, device: deviceId(9) }
  for (const { by, op } of said) applyOps(db, me, [op], by, 1)
  return { digest: hexOf(digest(db)), holes: devicesWithHole(db).length }
}

test('every order in which a relay may deliver the ops ends in the same state (S1)', () => {
  const played = fc.array(step, { minLength: 1, maxLength: 25 }).map(play)
  const orders = played.chain((said) =>
    fc.record({
      said: fc.constant(said),
      shuffled: fc.shuffledSubarray([...said], { minLength: said.length }),
      repeated: fc.subarray([...said]),
    }),
  )
  fc.assert(
    fc.property(orders, ({ said, shuffled, repeated }) => {
      const inOrder = hearAll(said)
      expect(inOrder.holes).toBe(0)
      expect(hearAll([...repeated, ...shuffled])).toEqual(inOrder)
    }),
    { numRuns: 60 },
  )
})

test('half of the ops as a snapshot and all of them by themselves end in the same state, blocks apart', () => {
  const withoutBlocks = fc
    .array(step, { minLength: 1, maxLength: 20 })
    .map((steps) => steps.filter(({ key }) => !key.startsWith('blocked/')))
  fc.assert(
    fc.property(withoutBlocks.map(play), fc.nat(20), (said, cut) => {
      const half = createDatabase()
      for (const { by, op } of said.slice(0, cut)) applyOps(half, { account: alice, device: deviceId(8) }, [op], by, 1)
      const db = createDatabase()
      const me = { account: alice, device: deviceId(9) }
      importSnapshot(db, me, snapshot(half), 1)
      for (const { by, op } of said) applyOps(db, me, [op], by, 1)
      expect(hexOf(digest(db))).toBe(hearAll(said).digest)
    }),
    { numRuns: 40 },
  )
})
