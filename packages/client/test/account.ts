import { randomBytes } from 'node:crypto'
import { type AccountId, bytesOf, type DeviceKind, parseDeviceBytes } from '@quintet/domain'
import {
  type AccountState,
  accountIdOf,
  assembleEntry,
  buildBody,
  type DeviceIdentity,
  ed25519PublicKey,
  ed25519Signer,
  extendLog,
  genesisBody,
  type LogOperation,
  type SignFn,
  signBody,
  signStatement,
} from '@quintet/identity'
import type { LogEntry, SignedStatement } from '@quintet/wire'

export interface TestDevice {
  readonly identity: DeviceIdentity
  readonly sign: SignFn
}

/** A device with keys of its own; its seal key is only as long as a real one. */
export function testDevice(kind: DeviceKind = 'phone'): TestDevice {
  const [log, mls, auth] = [randomBytes(32), randomBytes(32), randomBytes(32)].map((secret) => new Uint8Array(secret))
  const device = parseDeviceBytes(new Uint8Array(randomBytes(16)))
  if (log === undefined || mls === undefined || auth === undefined || device === undefined)
    throw new Error('unreachable')
  const keys = {
    logKey: ed25519PublicKey(log),
    mlsKey: ed25519PublicKey(mls),
    authKey: ed25519PublicKey(auth),
    sealKey: new Uint8Array(randomBytes(1216)),
  }
  return { identity: { device, kind, ...keys }, sign: ed25519Signer(log) }
}

/** Somebody else's account, whose log a test writes by hand. */
export interface TestAccount {
  readonly account: AccountId
  readonly first: TestDevice
  readonly entries: LogEntry[]
  state: AccountState
  /** Signs an entry after the present head without adding it. */
  entry(op: LogOperation, atMs?: number, added?: TestDevice, by?: TestDevice): Promise<LogEntry>
  /** Signs and adds it. */
  extend(op: LogOperation, atMs?: number, added?: TestDevice, by?: TestDevice): Promise<LogEntry>
  statement(device: TestDevice, counter: bigint, suites?: readonly ('base' | 'hybrid')[]): Promise<SignedStatement>
}

export async function testAccount(atMs = 1_700_000_000_000): Promise<TestAccount> {
  const first = testDevice()
  const body = genesisBody({
    random: new Uint8Array(randomBytes(32)),
    identity: first.identity,
    recovery: undefined,
    atMs,
  })
  const genesis = assembleEntry(body, await signBody(body, first.sign))
  const account = accountIdOf(genesis)
  const made: TestAccount = {
    account,
    first,
    entries: [genesis],
    state: follow(undefined, genesis),
    async entry(op, at = made.state.headAtMs + 1000, added, by = first) {
      const next = buildBody({ state: made.state, signer: by.identity.device, atMs: at, op })
      return assembleEntry(next, await signBody(next, by.sign), added && (await signBody(next, added.sign)))
    },
    async extend(op, at, added, by) {
      const next = await made.entry(op, at, added, by)
      made.state = follow(made.state, next)
      made.entries.push(next)
      return next
    },
    statement(device, counter, suites = ['base', 'hybrid']) {
      const what = { appVersion: '0.1.0', protocolMin: 1, protocolMax: 1, features: [], suites }
      return signStatement({ ...what, account, device: device.identity.device, counter }, device.sign)
    },
  }
  return made
}

function follow(state: AccountState | undefined, entry: LogEntry): AccountState {
  const extended = extendLog(state, entry)
  if (!extended.ok) throw new Error(`the test's own log is faulty: ${extended.fault.kind}`)
  return extended.state
}

/** As a relay answers `logs` for one account. */
export function logAnswer(
  account: AccountId,
  entries: readonly LogEntry[],
  statements: readonly SignedStatement[] = [],
) {
  return { account: bytesOf(account), entries: [...entries], statements: [...statements], unknown: false }
}
