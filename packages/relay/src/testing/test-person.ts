import { type AccountId, bytesOf, type DeviceId, type DeviceKind, parseDeviceBytes } from '@quintet/domain'
import {
  type AccountState,
  assembleEntry,
  authMessage,
  buildBody,
  type DeviceIdentity,
  ed25519PublicKey,
  ed25519Signer,
  extendLog,
  genesisBody,
  type LogOperation,
  sealKeyBytes,
  signBody,
  signStatement,
  type SignFn,
} from '@quintet/identity'
import type { LogEntry, SignedStatement } from '@quintet/wire'
import { assert, present } from '../assert.ts'

type Random = (length: number) => Uint8Array

/** One device's keys, and what it signs with them. */
export interface TestKeys {
  readonly identity: DeviceIdentity
  readonly device: DeviceId
  readonly log: SignFn
  readonly auth: SignFn
}

export function newKeys(random: Random, kind: DeviceKind = 'phone', mlsKey?: Uint8Array): TestKeys {
  const device = present(parseDeviceBytes(random(16)), '16 bytes are a device id')
  const [log, auth, mls] = [random(32), random(32), random(32)]
  const identity = {
    device,
    kind,
    logKey: ed25519PublicKey(log),
    authKey: ed25519PublicKey(auth),
    mlsKey: mlsKey ?? ed25519PublicKey(mls),
    sealKey: random(sealKeyBytes),
  }
  return { identity, device, log: ed25519Signer(log), auth: ed25519Signer(auth) }
}

/** An account of a test: its log as the person's devices would keep it. */
export class TestAccount {
  readonly recovery: SignFn
  readonly first: TestKeys
  readonly genesis: LogEntry
  state: AccountState
  private readonly random: Random

  private constructor(random: Random, first: TestKeys, recovery: SignFn, genesis: LogEntry, state: AccountState) {
    this.random = random
    this.first = first
    this.recovery = recovery
    this.genesis = genesis
    this.state = state
  }

  static async create(random: Random, nowMs: number, mlsKey?: Uint8Array): Promise<TestAccount> {
    const first = newKeys(random, 'phone', mlsKey)
    const kit = random(32)
    const recovery = { signKey: ed25519PublicKey(kit), sealKey: random(sealKeyBytes) }
    const body = genesisBody({ random: random(32), identity: first.identity, recovery, atMs: nowMs })
    const genesis = assembleEntry(body, await signBody(body, first.log))
    const extended = extendLog(undefined, genesis)
    assert(extended.ok, 'the entry extends the log')
    return new TestAccount(random, first, ed25519Signer(kit), genesis, extended.state)
  }

  get id(): AccountId {
    return this.state.account
  }

  /** The next entry; `adopt` it when the relay took it. */
  async entry(
    op: LogOperation,
    nowMs: number,
    by: TestKeys | 'recovery' = this.first,
    added?: TestKeys,
  ): Promise<LogEntry> {
    const signer = by === 'recovery' ? 'recovery' : by.device
    const body = buildBody({ state: this.state, signer, atMs: nowMs, op })
    const signature = await signBody(body, by === 'recovery' ? this.recovery : by.log)
    return assembleEntry(body, signature, added && (await signBody(body, added.log)))
  }

  adopt(entry: LogEntry): void {
    const extended = extendLog(this.state, entry)
    assert(extended.ok, 'the entry extends the log')
    this.state = extended.state
  }

  newKeys(kind: DeviceKind = 'desktop', mlsKey?: Uint8Array): TestKeys {
    return newKeys(this.random, kind, mlsKey)
  }

  async statement(keys: TestKeys, counter = 1n): Promise<SignedStatement> {
    const versions = { appVersion: '0.1.0', protocolMin: 1, protocolMax: 1, features: [], suites: ['base'] } as const
    return signStatement({ account: this.id, device: keys.device, counter, ...versions }, keys.log)
  }

  signature(keys: TestKeys, incarnation: Uint8Array, challenge: Uint8Array): Promise<Uint8Array> {
    return keys.auth(authMessage({ incarnation, challenge, account: this.id, device: keys.device }))
  }

  /** How a leaf of the device is named. */
  leaf(keys: TestKeys): { credential: { account: AccountId; device: DeviceId; position: bigint }; mlsKey: Uint8Array } {
    const position = this.state.devices.get(keys.device)?.addedAt ?? 0n
    return { credential: { account: this.id, device: keys.device, position }, mlsKey: keys.identity.mlsKey }
  }

  get bytes(): Uint8Array {
    return bytesOf(this.id)
  }
}
