import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encodeCredential, hexOf } from '@quintet/domain'
import { loadMlsEngine, type MlsEngine, type Suite } from '@quintet/crypto'
import { expectAnswer, outcome, type TestAccount, type TestDevice, type TestWorld } from '@quintet/relay/testing'
import { Suite as WireSuite } from '@quintet/wire'
import { expect } from 'vitest'

export const wireSuites = { base: WireSuite.BASE, hybrid: WireSuite.HYBRID } as const
const lifetimeSeconds = 84n * 86_400n
const none = new Uint8Array()

let compiled: WebAssembly.Module | undefined

function newEngine(rows: ReadonlyMap<string, Uint8Array>): MlsEngine {
  const file = fileURLToPath(import.meta.resolve('@quintet/crypto/quintet_mls.wasm'))
  compiled ??= new WebAssembly.Module(readFileSync(file))
  return loadMlsEngine(compiled, { read: (key) => rows.get(hexOf(key)) })
}

/** A device with a real engine, connected to a real relay. */
export class Member {
  readonly device: TestDevice
  readonly engine: MlsEngine
  /** The counter of its newest message that the relay took (R3). */
  n = 0n
  private readonly rows: Map<string, Uint8Array>

  private constructor(device: TestDevice, engine: MlsEngine, rows: Map<string, Uint8Array>) {
    this.device = device
    this.engine = engine
    this.rows = rows
    const { credential, mlsKey } = device.leaf
    engine.useIdentity(mlsKey, encodeCredential(credential))
  }

  /** Somebody new, with their first device. */
  static async signUp(world: TestWorld, handle: string): Promise<Member> {
    const rows = new Map<string, Uint8Array>()
    const engine = newEngine(rows)
    const device = await world.device(await world.account(engine.createSigner()))
    expect(outcome(await device.signUp(handle))).toBe('done')
    return new Member(device, engine, rows)
  }

  /** A further device of the same account. */
  static async link(world: TestWorld, first: Member): Promise<Member> {
    const rows = new Map<string, Uint8Array>()
    const engine = newEngine(rows)
    return new Member(await world.link(first.device, first.device, engine.createSigner()), engine, rows)
  }

  /** Writes what the engine changed, as a client does in its transaction (P5). */
  save(): void {
    for (const { key, value } of this.engine.takeChanges()) {
      if (value) this.rows.set(hexOf(key), value)
      else this.rows.delete(hexOf(key))
    }
  }

  get account(): TestAccount {
    return this.device.account
  }

  /** As the roster and a commit's delta name it. */
  get named(): { readonly account: Uint8Array; readonly device: Uint8Array } {
    const { credential } = this.device.leaf
    const bytes = encodeCredential(credential)
    return { account: bytes.slice(0, 32), device: bytes.slice(32, 48) }
  }

  /** Puts one key package at the relay, and lets `asker` take it from there (K2). */
  async keyPackageFor(asker: Member, suite: Suite): Promise<Uint8Array> {
    const [made] = this.engine.createKeyPackages(suite, 1, lifetimeSeconds, false)
    const put = { suite: wireSuites[suite], keyPackages: [made?.bytes ?? none], lastResort: none, replace: true }
    expect(outcome(await this.device.ask({ case: 'putKeyPackages', value: put }))).toBe('done')
    const { account, device } = this.named
    const take = { account, suite: wireSuites[suite], onlyDevices: [device] }
    const taken = expectAnswer(await asker.device.ask({ case: 'takeKeyPackages', value: take }), 'keyPackages')
    expect(taken.keyPackages).toHaveLength(1)
    return taken.keyPackages[0]?.keyPackage ?? none
  }
}
