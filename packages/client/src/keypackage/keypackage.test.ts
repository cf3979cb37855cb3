import { randomBytes } from 'node:crypto'
import { type AddedLeaf, type MlsEngine, MlsError, type Suite } from '@quintet/crypto'
import { bytesOf, encodeCredential } from '@quintet/domain'
import { Suite as WireSuite } from '@quintet/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { logAnswer, type TestAccount, testAccount, type TestDevice, testDevice } from '../../test/account.ts'
import { assert } from '../../test/assert.ts'
import { accountId, deviceId } from '../../test/people.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import { blobOf, numberOf } from '../store/row.ts'
import { fillStock, packageUsed } from './stock.ts'
import { takeKeyPackages } from './take.ts'

const dayMs = 24 * 60 * 60 * 1000
const unused = () => {
  throw new MlsError('engine', 'not in this test')
}

/** Only what key packages need of an engine. */
function packageEngine(parts: Partial<MlsEngine>): MlsEngine {
  return new Proxy(parts, { get: (target, name) => Reflect.get(target, name) ?? unused }) as MlsEngine
}

describe('the stock of key packages at the relay', () => {
  let now: number
  let waiting: Record<Suite, number>
  let lastResortAt: Record<Suite, number>
  let made: number
  let forgotten: number
  let script: ReturnType<typeof createScriptedCore>
  const rows = (where = '1') =>
    numberOf(script.db.get(`select count(*) as n from key_package where ${where}`) ?? {}, 'n')

  beforeEach(() => {
    now = 1_700_000_000_000
    waiting = { base: 0, hybrid: 0 }
    lastResortAt = { base: 0, hybrid: 0 }
    made = 0
    forgotten = 0
    script = createScriptedCore({
      now: () => now,
      engine: packageEngine({
        createKeyPackages: (_suite, count) => {
          made += count
          return Array.from({ length: count }, () => ({
            bytes: new Uint8Array(randomBytes(8)),
            ref: new Uint8Array(randomBytes(8)),
          }))
        },
        forgetKeyPackages: (refs) => {
          forgotten += refs.length
        },
      }),
      answer(name, init) {
        if (name === 'keyPackageStock')
          return {
            base: waiting.base,
            hybrid: waiting.hybrid,
            baseLastResortAtMs: BigInt(lastResortAt.base),
            hybridLastResortAtMs: BigInt(lastResortAt.hybrid),
          }
        const put = init as { suite: WireSuite; keyPackages?: Uint8Array[]; lastResort?: Uint8Array; replace?: boolean }
        const suite = put.suite === WireSuite.HYBRID ? 'hybrid' : 'base'
        if (put.lastResort !== undefined) lastResortAt[suite] = now
        waiting[suite] = (put.replace === true ? 0 : waiting[suite]) + (put.keyPackages?.length ?? 0)
        return {}
      },
    })
  })

  test('begins with few, so that nobody waits, and is full after the next look', async () => {
    await fillStock(script.core, 10)
    expect(waiting).toEqual({ base: 10, hybrid: 10 })
    await fillStock(script.core)
    expect(waiting).toEqual({ base: 50, hybrid: 50 })
    expect(rows('last_resort = 1')).toBe(2)
  })

  test('is left alone while at least half of it is there', async () => {
    await fillStock(script.core)
    waiting = { base: 25, hybrid: 24 }
    made = 0
    await fillStock(script.core)
    expect(waiting).toEqual({ base: 25, hybrid: 50 })
    expect(made).toBe(26)
  })

  test('gets a new last resort every week', async () => {
    await fillStock(script.core)
    now += 6 * dayMs
    await fillStock(script.core)
    expect(rows('last_resort = 1')).toBe(2)
    now += 2 * dayMs
    await fillStock(script.core)
    expect(rows('last_resort = 1 and retired_at is null')).toBe(2)
    expect(rows('last_resort = 1')).toBe(4)
  })

  test('is replaced as a whole at 60 days, and what was retired is forgotten 30 days later', async () => {
    await fillStock(script.core)
    now += 61 * dayMs
    await fillStock(script.core)
    expect(waiting).toEqual({ base: 50, hybrid: 50 })
    expect(rows('last_resort = 0')).toBe(200)
    expect(forgotten).toBe(0)
    now += 31 * dayMs
    await fillStock(script.core)
    expect(forgotten).toBeGreaterThanOrEqual(100)
    expect(rows('last_resort = 0')).toBe(100)
  })

  test('a used package is forgotten; a last resort stays, and asks for an update before the first send (K4)', async () => {
    await fillStock(script.core)
    const ref = (lastResort: number) =>
      blobOf(assert(script.db.get('select ref from key_package where last_resort = ?', lastResort)), 'ref')
    const [plain, last] = [ref(0), ref(1)]
    expect(packageUsed(script.core, [plain, new Uint8Array(3)])).toBe(false)
    expect(packageUsed(script.core, [last])).toBe(true)
    expect(rows()).toBe(101)
  })
})

describe("somebody's key packages", () => {
  const now = 1_700_000_000_000
  const seconds = BigInt(now / 1000)
  let mara: TestAccount
  let laptop: TestDevice
  let leaf: (device: TestDevice, position: bigint) => AddedLeaf & { suite: Suite; lastResort: boolean }
  const good = (device: TestDevice, position: bigint) => ({
    credential: encodeCredential({ account: mara.account, device: device.identity.device, position }),
    signatureKey: device.identity.mlsKey,
    notBefore: seconds - 100n,
    notAfter: seconds + 1_000_000n,
    suite: 'hybrid' as const,
    lastResort: false,
  })

  beforeEach(async () => {
    mara = await testAccount(now - dayMs)
    laptop = testDevice('desktop')
    await mara.extend({ kind: 'add', identity: laptop.identity, manageClaim: true }, undefined, laptop)
    leaf = good
  })

  async function take(given: readonly TestDevice[]) {
    const script = createScriptedCore({
      now: () => now,
      engine: packageEngine({
        inspectKeyPackage: (bytes) => (bytes[0] === 0 ? leaf(mara.first, 0n) : leaf(laptop, 1n)),
      }),
      answer(name) {
        if (name === 'logs') return { logs: [logAnswer(mara.account, mara.entries)] }
        const keyPackages = given.map((device) => ({
          device: bytesOf(device.identity.device),
          keyPackage: new Uint8Array([device === mara.first ? 0 : 1]),
          lastResort: false,
        }))
        return { head: mara.state.head, keyPackages, missing: [] }
      },
    })
    const { packages, missing } = await takeKeyPackages(script.core, mara.account, 'hybrid')
    return { taken: packages.map((one) => one.device), missing }
  }
  const ids = () => [mara.first.identity.device, laptop.identity.device]

  test('are taken one per device, the log fetched first', async () => {
    expect(await take([mara.first, laptop])).toEqual({ taken: ids(), missing: [] })
  })

  test('are missed where a device has none, and never taken twice of one (K3, C5)', async () => {
    expect(await take([mara.first, mara.first])).toEqual({ taken: [ids()[0]], missing: [ids()[1]] })
  })

  test.each([
    ['of another suite', { suite: 'base' }],
    ['signed by another key', { signatureKey: new Uint8Array(32) }],
    ['for another position in the log', { credential: new Uint8Array(56) }],
    ['about to run out', { notAfter: seconds + 100n }],
    ['not valid yet', { notBefore: seconds + 100_000n }],
  ] as const)('are not taken %s (C3, C10)', async (_what, change) => {
    leaf = (device, position) => (device === laptop ? { ...good(device, position), ...change } : good(device, position))
    expect(await take([mara.first, laptop])).toEqual({ taken: [ids()[0]], missing: [ids()[1]] })
  })

  test.each([
    ['another account', { account: accountId(7) }],
    ['another device of the account', { device: deviceId(7) }],
    ['another position', { position: 5n }],
  ])('are not taken that say to be of %s, by whose own key they may be signed (C3)', async (_what, other) => {
    leaf = (device, position) => {
      const said = { account: mara.account, device: device.identity.device, position }
      const credential = encodeCredential(device === laptop ? { ...said, ...other } : said)
      return { ...good(device, position), credential }
    }
    expect(await take([mara.first, laptop])).toEqual({ taken: [ids()[0]], missing: [ids()[1]] })
  })

  test('are not taken when they are no key packages at all', async () => {
    leaf = (device, position) => {
      if (device === laptop) throw new MlsError('malformed', 'no key package')
      return good(device, position)
    }
    expect(await take([mara.first, laptop])).toEqual({ taken: [ids()[0]], missing: [ids()[1]] })
  })

  test('are not taken of a device that was removed', async () => {
    await mara.extend({ kind: 'remove', device: laptop.identity.device })
    expect(await take([mara.first, laptop])).toEqual({ taken: [ids()[0]], missing: [] })
  })
})
