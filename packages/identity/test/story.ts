import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, concatBytes, type DeviceKind, parseDeviceBytes } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import {
  type AccountState,
  assembleEntry,
  buildBody,
  type DeviceIdentity,
  ed25519PublicKey,
  ed25519Sign,
  extendLog,
  genesisBody,
  type LogOperation,
  logMessage,
  type RecoveryIdentity,
} from '../src/index.ts'

export const hour = 60 * 60 * 1000
export const day = 24 * hour
/** When every story begins. */
export const start = 1_800_000_000_000

/** 32 bytes that follow from the name: stories come out the same every time. */
export function seed(name: string): Uint8Array {
  return sha256(asciiBytes(name))
}

function longKey(name: string): Uint8Array {
  return concatBytes(...Array.from({ length: 38 }, (_, at) => seed(`${name} ${at}`)))
}

export interface TestDevice {
  readonly identity: DeviceIdentity
  readonly secret: Uint8Array
}

export function testDevice(name: string, kind: DeviceKind = 'desktop'): TestDevice {
  const device = parseDeviceBytes(seed(`${name} id`).subarray(0, 16))
  if (device === undefined) throw new Error('16 bytes make an id')
  const keyOf = (use: string) => ed25519PublicKey(seed(`${name} ${use}`))
  const identity = {
    device,
    kind,
    logKey: keyOf('log'),
    mlsKey: keyOf('mls'),
    authKey: keyOf('auth'),
    sealKey: longKey(`${name} seal`),
  }
  return { identity, secret: seed(`${name} log`) }
}

export interface TestKit {
  readonly recovery: RecoveryIdentity
  readonly secret: Uint8Array
}

export function testKit(name: string): TestKit {
  return {
    recovery: { signKey: ed25519PublicKey(seed(`${name} kit`)), sealKey: longKey(`${name} kit seal`) },
    secret: seed(`${name} kit`),
  }
}

/** What is signed, by whom, and what is wrong with it, if anything. */
export interface Writing {
  readonly op: LogOperation
  readonly signer: TestDevice | TestKit
  readonly atMs?: number
  /** Countersigns an add; by default the device that is added. */
  readonly countersigner?: TestDevice | 'nobody'
  /** Whose key signs, if not the signer's. */
  readonly signedBy?: TestDevice | TestKit
}

const sign = (body: Uint8Array, by: { readonly secret: Uint8Array }) => ed25519Sign(logMessage(body), by.secret)

/** A device log as it grows. The devices of a story are found by their identity's id. */
export interface TestLog {
  readonly entries: readonly LogEntry[]
  readonly state: AccountState
  /** The time of the newest entry. */
  readonly atMs: number
}

export function begin(first: TestDevice, kit?: TestKit): TestLog {
  const random = seed('genesis')
  const body = genesisBody({ random, identity: first.identity, recovery: kit?.recovery, atMs: start })
  return accept(undefined, assembleEntry(body, sign(body, first)), [])
}

/** Signs an entry on top of a state, whether or not anyone may. */
export function write(state: AccountState, writing: Writing, devices: readonly TestDevice[] = []): LogEntry {
  const { op, signer, atMs = state.headAtMs } = writing
  const by = 'identity' in signer ? signer.identity.device : 'recovery'
  const body = buildBody({ state, signer: by, atMs, op })
  return assemble(body, writing, devices)
}

/** Signs this very body. */
export function assemble(body: Uint8Array, writing: Writing, devices: readonly TestDevice[] = []): LogEntry {
  const { op } = writing
  const added = op.kind === 'add' ? devices.find(({ identity }) => identity.device === op.identity.device) : undefined
  const counter = writing.countersigner ?? added ?? 'nobody'
  const signature = sign(body, writing.signedBy ?? writing.signer)
  return assembleEntry(body, signature, counter === 'nobody' ? undefined : sign(body, counter))
}

/** The log with one more entry, which must be valid. */
function accept(log: TestLog | undefined, entry: LogEntry, before = log?.entries ?? []): TestLog {
  const extended = extendLog(log?.state, entry)
  if (!extended.ok) throw new Error(`the story has a fault: ${extended.fault.kind}`)
  return { entries: [...before, entry], state: extended.state, atMs: extended.state.headAtMs }
}

export function extended(log: TestLog, ...writings: readonly (Writing & { readonly added?: TestDevice })[]): TestLog {
  return writings.reduce(
    (so, writing) => accept(so, write(so.state, writing, writing.added ? [writing.added] : [])),
    log,
  )
}

export const addOf = (device: TestDevice, manageClaim = true): LogOperation => ({
  kind: 'add',
  identity: device.identity,
  manageClaim,
})
export const removalOf = (device: TestDevice): LogOperation => ({ kind: 'remove', device: device.identity.device })
export const claimOf = (device: TestDevice): LogOperation => ({ kind: 'claim', device: device.identity.device })
export const mainOf = (device: TestDevice): LogOperation => ({ kind: 'make-main', device: device.identity.device })
export const rightsOf = (device: TestDevice, manage: boolean): LogOperation => ({
  kind: 'set-rights',
  device: device.identity.device,
  manage,
})
