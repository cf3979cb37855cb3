import type { Suite } from '@quintet/crypto'
import { Suite as WireSuite } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { metaNumber, setMeta } from '../store/meta.ts'
import { blobOf, numberOf, optionalNumber } from '../store/row.ts'

const dayMs = 24 * 60 * 60 * 1000
/** K1: how many of each suite wait at the relay; refilled below half; 84 days of life, replaced at 60. */
const full = 50
const lifetimeS = BigInt(84 * 24 * 60 * 60)
const replaceMs = 60 * dayMs
/** K4. */
const lastResortMs = 7 * dayMs
/** Private keys of packages that no longer wait at the relay: a Welcome may still be under way for the retention (K4). */
const keptMs = 30 * dayMs
/** How many are made before the device first shows itself: the rest follows at the next sync. */
export const firstBatch = 10
/** Where a person waits for a device to be of use: one for the self chat, some for whoever writes first. */
export const fewAtFirst = 3
/** How many are made at once: a hybrid one takes milliseconds, and nothing else runs meanwhile. */
const step = 10

const suites = ['hybrid', 'base'] as const
const wireSuites: Readonly<Record<Suite, WireSuite>> = { base: WireSuite.BASE, hybrid: WireSuite.HYBRID }

/** The number under which a suite goes over the wire (X2). */
export function wireSuiteOf(suite: Suite): WireSuite {
  return wireSuites[suite]
}

/**
 * Brings what waits at the relay for this device up to the mark (K1, K4) and erases private keys that are due.
 *
 * `upTo` is less than the full stock where somebody waits. Fails as the relay does.
 */
export async function fillStock(core: Core, upTo: number = full): Promise<void> {
  const most = core.keyPackageStock ?? full
  const wanted = Math.min(upTo, most)
  const stock = await ask(core, 'keyPackageStock', {}, 'stock')
  const now = Math.trunc(core.relayNow())
  // R9: of what waits at a relay that was restored, some was handed out before, and its keys are gone.
  const spent = metaNumber(core.db, 'stock-spent') === 1
  for (const suite of suites) {
    const waiting = suite === 'hybrid' ? stock.hybrid : stock.base
    const lastResortAt = Number(suite === 'hybrid' ? stock.hybridLastResortAtMs : stock.baseLastResortAtMs)
    const aged = spent || oldest(core, suite, now) >= replaceMs
    const missing = aged ? most : waiting < Math.min(most / 2, wanted) ? wanted - waiting : 0
    if (aged) retire(core, suite, false)
    for (let made = 0; made < missing; made += step)
      await put(core, suite, Math.min(step, missing - made), false, aged && made === 0)
    if (spent || lastResortAt === 0 || core.relayNow() - lastResortAt >= lastResortMs)
      await put(core, suite, 1, true, false)
  }
  if (spent) core.write(() => setMeta(core.db, 'stock-spent', undefined))
  forgetRetired(core, now)
}

/** Makes some, keeps their private keys, then hands them to the relay: never the other way round (P5). */
async function put(core: Core, suite: Suite, count: number, lastResort: boolean, replace: boolean): Promise<void> {
  const now = Math.trunc(core.relayNow())
  const made = core.write(() => {
    if (lastResort) retireRows(core, suite, true, now)
    const packages = core.engine().createKeyPackages(suite, count, lifetimeS, lastResort)
    for (const { ref } of packages)
      core.db.run(
        'insert into key_package (ref, suite, last_resort, made_at) values (?, ?, ?, ?)',
        ref,
        suite,
        lastResort ? 1 : 0,
        now,
      )
    return packages.map(({ bytes }) => bytes)
  })
  const upload = lastResort ? { lastResort: made[0] ?? new Uint8Array() } : { keyPackages: [...made], replace }
  // Not asked twice: the relay may have them already, and would then give one package to two people.
  await core.relay.call('putKeyPackages', { suite: wireSuites[suite], ...upload }, 'done').catch((error: unknown) => {
    throw clientErrorOf(error)
  })
}

/** Age of the oldest package of a suite that may still wait at the relay, ms. */
function oldest(core: Core, suite: Suite, now: number): number {
  const row = core.db.get(
    'select min(made_at) as made_at from key_package where suite = ? and last_resort = 0 and retired_at is null',
    suite,
  )
  return now - ((row && optionalNumber(row, 'made_at')) ?? now)
}

function retire(core: Core, suite: Suite, lastResort: boolean): void {
  core.write(() => retireRows(core, suite, lastResort, Math.trunc(core.relayNow())))
}

function retireRows(core: Core, suite: Suite, lastResort: boolean, now: number): void {
  core.db.run(
    'update key_package set retired_at = ? where suite = ? and last_resort = ? and retired_at is null',
    now,
    suite,
    lastResort ? 1 : 0,
  )
}

function forgetRetired(core: Core, now: number): void {
  const rows = core.db.all('select ref from key_package where retired_at <= ?', now - keptMs)
  if (rows.length === 0) return
  const refs = rows.map((row) => blobOf(row, 'ref'))
  core.write(() => {
    core.engine().forgetKeyPackages(refs)
    for (const ref of refs) core.db.run('delete from key_package where ref = ?', ref)
  })
}

/** Whether one of these waits at the relay as far as this device knows: its private key has to be here. */
export function isStocked(core: Pick<Core, 'db'>, refs: readonly Uint8Array[]): boolean {
  return refs.some((ref) => core.db.get('select 1 as one from key_package where ref = ?', ref) !== undefined)
}

/** A private key that should be here is not: others may be lost as well, and all that wait are replaced. In a transaction. */
export function keysAreGone(core: Pick<Core, 'db'>): void {
  setMeta(core.db, 'stock-spent', 1)
}

/**
 * A Welcome to one of these packages was accepted; to be called in that transaction.
 *
 * True = it was a last-resort one: an update commit comes before the first send (K4).
 */
export function packageUsed(core: Pick<Core, 'db'>, refs: readonly Uint8Array[]): boolean {
  let lastResort = false
  for (const ref of refs) {
    const row = core.db.get('select last_resort from key_package where ref = ?', ref)
    if (row === undefined) continue
    if (numberOf(row, 'last_resort') === 1) lastResort = true
    else core.db.run('delete from key_package where ref = ?', ref)
  }
  return lastResort
}
