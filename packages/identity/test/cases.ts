import { create, fromBinary, type LogBody, LogBodySchema, LogEntrySchema, type LogEntry, toBinary } from '@quintet/wire'
import type { LogFaultKind } from '../src/index.ts'
import { addOf, assemble, begin, claimOf, day, extended, hour, mainOf, removalOf, rightsOf, seed } from './story.ts'
import { start, type TestLog, testDevice, testKit, write, type Writing } from './story.ts'

/** A log and what is said of it: `fault` is that of the entry after the valid prefix. */
export interface LogCase {
  readonly name: string
  readonly entries: readonly LogEntry[]
  readonly fault: LogFaultKind | undefined
  readonly maxDevices?: number
}

export const phone = testDevice('phone', 'phone')
export const laptop = testDevice('laptop')
export const web = testDevice('web', 'web')
export const thief = testDevice('thief')
export const kit = testKit('alice')
const newKit = testKit('alice again')

/** The phone alone, with a kit. */
export const alone = begin(phone, kit)
/** The laptop waits for its day to pass. */
export const waiting = extended(alone, { op: addOf(laptop), signer: phone, added: laptop })
/** The laptop has claimed what it was promised. */
export const both = extended(waiting, { op: claimOf(laptop), signer: laptop, atMs: start + day })
/** The browser may claim nothing, ever. */
const withWeb = extended(both, { op: addOf(web, false), signer: phone, added: web })
/** All is lost but the kit, which added a new device. */
export const rescued = extended(both, { op: addOf(web), signer: kit, added: web })

const then = (log: TestLog, writing: Writing & { readonly added?: ReturnType<typeof testDevice> }) => [
  ...log.entries,
  write(log.state, writing, writing.added ? [writing.added] : []),
]

function changed(log: TestLog, writing: Writing, change: (body: LogBody) => void): readonly LogEntry[] {
  const body = fromBinary(LogBodySchema, write(log.state, writing).body)
  change(body)
  return [...log.entries, assemble(toBinary(LogBodySchema, body), writing)]
}

const devices = [1, 2, 3, 4].map((n) => testDevice(`device ${n}`))
const full = extended(alone, ...devices.map((added) => ({ op: addOf(added), signer: phone, added })))
const closed = extended(both, { op: { kind: 'close' }, signer: laptop })
const noKit = begin(phone)
const makeMain: Writing = { op: mainOf(phone), signer: phone }
const reused = { ...testDevice('other'), identity: { ...testDevice('other').identity, mlsKey: phone.identity.mlsKey } }
const oneKey = testDevice('one key')
const sameKeys = { ...oneKey, identity: { ...oneKey.identity, authKey: oneKey.identity.logKey } }
const asKit = (recovery = newKit.recovery) => ({ kind: 'set-recovery', recovery }) as const

/** One case per rule and refusal: D1-D9, D14, D15. */
export const logCases: readonly LogCase[] = [
  good('an account of one phone', alone.entries),
  good('a laptop was added', waiting.entries),
  good('the laptop claimed manage after a day', both.entries),
  good('the laptop made itself main', then(both, { op: mainOf(laptop), signer: laptop })),
  good('a device was given manage at once', then(withWeb, { op: rightsOf(web, true), signer: laptop })),
  good('a device signs out by itself, on probation', then(waiting, { op: removalOf(laptop), signer: laptop })),
  good('a device without any right signs out by itself', then(withWeb, { op: removalOf(web), signer: web })),
  good('the phone is removed by the laptop', then(both, { op: removalOf(phone), signer: laptop })),
  good('a first kit is set by a device', then(noKit, { op: asKit(kit.recovery), signer: phone })),
  good('the kit replaces itself', then(both, { op: asKit(), signer: kit })),
  good('the kit clears itself', then(both, { op: { kind: 'set-recovery', recovery: undefined }, signer: kit })),
  good('the kit adds a device, which may manage at once', rescued.entries),
  good('the kit removes a device', then(both, { op: removalOf(phone), signer: kit })),
  good('the kit makes main', then(both, { op: mainOf(laptop), signer: kit })),
  good('the kit closes', then(both, { op: { kind: 'close' }, signer: kit })),
  good('a device closes', closed.entries),
  good('five devices of five', full.entries, 5),
  good('the kit adds one beyond a full account', then(full, { op: addOf(web), signer: kit, added: web }), 5),
  good(
    'what the kit added is removed after 72 hours',
    then(rescued, { op: removalOf(web), signer: laptop, atMs: rescued.atMs + 72 * hour }),
  ),
  good('what the kit added signs out at once', then(rescued, { op: removalOf(web), signer: web })),
  good(
    'rights taken end the claim, another grant gives it',
    then(
      extended(waiting, { op: rightsOf(laptop, false), signer: phone }, { op: rightsOf(laptop, true), signer: phone }),
      { op: mainOf(laptop), signer: laptop },
    ),
  ),

  bad('no entry is a genesis', 'wrong-position', waiting.entries.slice(1)),
  bad('a second genesis', 'wrong-position', [...alone.entries, ...alone.entries]),
  bad('an entry twice', 'wrong-position', [...both.entries, ...both.entries.slice(-1)]),
  bad('two entries in another order', 'wrong-position', [
    ...alone.entries,
    ...both.entries.slice(2),
    ...both.entries.slice(1, 2),
  ]),
  bad('an entry left out', 'wrong-position', [...alone.entries, ...both.entries.slice(2)]),
  bad('noise', 'malformed', [
    ...alone.entries,
    create(LogEntrySchema, { body: seed('noise'), signature: new Uint8Array(64) }),
  ]),
  bad('no body', 'malformed', [create(LogEntrySchema, { signature: new Uint8Array(64) })]),
  bad('a signature cut short', 'malformed', cut(then(alone, makeMain))),
  bad('a genesis signed by another', 'bad-signature', forgedGenesis()),
  bad(
    'another account',
    'wrong-account',
    changed(both, makeMain, (body) => body.account.fill(7)),
  ),
  bad(
    'another position',
    'wrong-position',
    changed(both, makeMain, (body) => {
      body.position += 1n
    }),
  ),
  bad(
    'another entry before',
    'wrong-previous',
    changed(both, makeMain, (body) => body.previous.fill(7)),
  ),
  bad(
    'a later version',
    'unknown-operation',
    changed(both, makeMain, (body) => {
      body.version = 2
    }),
  ),
  bad(
    'an operation of a later version',
    'unknown-operation',
    changed(both, makeMain, (body) => {
      body.op = { case: undefined }
    }),
  ),
  bad(
    'time runs backwards',
    'time-backwards',
    changed(both, makeMain, (body) => {
      body.atMs -= 1n
    }),
  ),
  bad('an unknown signer', 'unknown-signer', then(both, { op: mainOf(phone), signer: thief })),
  bad('a kit that there is none of', 'unknown-signer', then(noKit, { op: mainOf(phone), signer: kit })),
  bad('another kit', 'bad-signature', then(both, { op: mainOf(phone), signer: newKit })),
  bad(
    'a replaced kit',
    'bad-signature',
    then(extended(both, { op: asKit(), signer: kit }), { op: mainOf(phone), signer: kit }),
  ),
  bad(
    'a removed signer',
    'signer-removed',
    then(extended(both, { op: removalOf(laptop), signer: phone }), { op: mainOf(phone), signer: laptop }),
  ),
  bad('a forged signature', 'bad-signature', then(both, { ...makeMain, signedBy: thief })),
  bad(
    'another key of the same device',
    'bad-signature',
    then(both, { ...makeMain, signedBy: { ...phone, secret: seed('phone auth') } }),
  ),
  bad(
    'no countersignature',
    'bad-countersignature',
    then(both, { op: addOf(web), signer: phone, countersigner: 'nobody' }),
  ),
  bad(
    'a forged countersignature',
    'bad-countersignature',
    then(both, { op: addOf(web), signer: phone, countersigner: thief }),
  ),
  bad(
    'a countersignature where none belongs',
    'bad-countersignature',
    then(both, { ...makeMain, countersigner: phone }),
  ),
  bad('a countersignature of another body', 'bad-countersignature', lateCountersignature()),
  bad(
    'a device id again',
    'device-reused',
    then(extended(both, { op: removalOf(laptop), signer: phone }), { op: addOf(laptop), signer: phone, added: laptop }),
  ),
  bad('an MLS key again', 'key-reused', then(both, { op: addOf(reused), signer: phone, added: reused })),
  bad('one key for two uses', 'key-reused', then(both, { op: addOf(sameKeys), signer: phone, added: sameKeys })),
  bad(
    'a kit with a device’s key',
    'key-reused',
    then(noKit, { op: asKit({ ...kit.recovery, signKey: phone.identity.logKey }), signer: phone }),
  ),
  bad('a sixth of five', 'too-many-devices', then(full, { op: addOf(web), signer: phone, added: web }), 5),
  bad('a claim too early', 'too-early', then(waiting, { op: claimOf(laptop), signer: laptop, atMs: start + day - 1 })),
  bad('a claim for another', 'not-entitled', then(waiting, { op: claimOf(laptop), signer: phone, atMs: start + day })),
  bad(
    'a claim that was never promised',
    'not-entitled',
    then(withWeb, { op: claimOf(web), signer: web, atMs: start + 3 * day }),
  ),
  bad(
    'a claim after the right was taken',
    'not-entitled',
    then(extended(waiting, { op: rightsOf(laptop, false), signer: phone }), {
      op: claimOf(laptop),
      signer: laptop,
      atMs: start + 2 * day,
    }),
  ),
  bad('a claim again', 'not-entitled', then(both, { op: claimOf(laptop), signer: laptop, atMs: start + 2 * day })),
  bad('on probation: adds', 'on-probation', then(waiting, { op: addOf(thief), signer: laptop, added: thief })),
  bad('on probation: removes', 'on-probation', then(waiting, { op: removalOf(phone), signer: laptop })),
  bad('on probation: makes main', 'on-probation', then(waiting, { op: mainOf(laptop), signer: laptop })),
  bad(
    'on probation: gives itself rights',
    'on-probation',
    then(waiting, { op: rightsOf(laptop, true), signer: laptop }),
  ),
  bad('on probation: closes', 'on-probation', then(waiting, { op: { kind: 'close' }, signer: laptop })),
  bad('on probation: sets a kit', 'on-probation', then(waiting, { op: asKit(), signer: laptop })),
  bad(
    'on probation, its day over, unclaimed: removes',
    'on-probation',
    then(waiting, { op: removalOf(phone), signer: laptop, atMs: start + 2 * day }),
  ),
  bad('without rights: adds', 'not-entitled', then(withWeb, { op: addOf(thief), signer: web, added: thief })),
  bad('without rights: removes', 'not-entitled', then(withWeb, { op: removalOf(phone), signer: web })),
  bad('without rights: makes main', 'not-entitled', then(withWeb, { op: mainOf(web), signer: web })),
  bad('without rights: gives itself rights', 'not-entitled', then(withWeb, { op: rightsOf(web, true), signer: web })),
  bad('without rights: closes', 'not-entitled', then(withWeb, { op: { kind: 'close' }, signer: web })),
  bad('a device replaces the kit', 'not-entitled', then(both, { op: asKit(), signer: phone })),
  bad(
    'a device clears the kit',
    'not-entitled',
    then(both, { op: { kind: 'set-recovery', recovery: undefined }, signer: phone }),
  ),
  bad('the kit claims', 'not-entitled', then(waiting, { op: claimOf(laptop), signer: kit, atMs: start + day })),
  bad('the kit gives rights', 'not-entitled', then(waiting, { op: rightsOf(laptop, true), signer: kit })),
  bad(
    'a thief removes what the kit added',
    'kit-protected',
    then(rescued, { op: removalOf(web), signer: laptop, atMs: rescued.atMs + 72 * hour - 1 }),
  ),
  bad(
    'a thief disarms what the kit added',
    'kit-protected',
    then(rescued, { op: rightsOf(web, false), signer: laptop }),
  ),
  bad('removes a stranger', 'unknown-device', then(both, { op: removalOf(thief), signer: phone })),
  bad(
    'removes twice',
    'unknown-device',
    then(extended(both, { op: removalOf(laptop), signer: phone }), { op: removalOf(laptop), signer: phone }),
  ),
  bad(
    'makes a removed device main',
    'unknown-device',
    then(extended(both, { op: removalOf(laptop), signer: phone }), { op: mainOf(laptop), signer: phone }),
  ),
  bad('gives rights to a stranger', 'unknown-device', then(both, { op: rightsOf(thief, true), signer: phone })),
  bad('after the end', 'closed', then(closed, { op: mainOf(phone), signer: phone })),
  bad('the kit, after the end', 'closed', then(closed, { op: addOf(web), signer: kit, added: web })),
]

function good(name: string, entries: readonly LogEntry[], maxDevices?: number): LogCase {
  return { name, entries, fault: undefined, ...(maxDevices && { maxDevices }) }
}

function bad(name: string, fault: LogFaultKind, entries: readonly LogEntry[], maxDevices?: number): LogCase {
  return { name, entries, fault, ...(maxDevices && { maxDevices }) }
}

function cut(entries: readonly LogEntry[]): readonly LogEntry[] {
  return entries.map((entry, at) =>
    at < entries.length - 1 ? entry : create(LogEntrySchema, { ...entry, signature: entry.signature.slice(1) }),
  )
}

function forgedGenesis(): readonly LogEntry[] {
  const [genesis] = alone.entries
  return genesis ? [assemble(genesis.body, { ...makeMain, signer: thief })] : []
}

/** The laptop signed what was drafted before the race was lost; the approver only replaced the body (D4). */
function lateCountersignature(): readonly LogEntry[] {
  const early = write(both.state, { op: addOf(web), signer: phone }, [web])
  const late = extended(both, makeMain)
  const entry = write(late.state, { op: addOf(web), signer: phone }, [web])
  return [...late.entries, create(LogEntrySchema, { ...entry, countersignature: early.countersignature })]
}
