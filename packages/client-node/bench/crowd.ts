import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadMlsEngine, type MlsEngine } from '@quintet/crypto'
import { encodeCredential } from '@quintet/domain'
import { expectAnswer, TestAccount, TestDevice, type TestKeys, type TestWire } from '@quintet/relay/testing'
import { Suite } from '@quintet/wire'
import { WebSocket } from 'ws'

const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))
const lifetimeSeconds = 84n * 86_400n
const none = new Uint8Array()

const socketTo = (url: string) => (onFrame: (bytes: Uint8Array) => void, onClose: () => void) =>
  new Promise<TestWire>((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, { perMessageDeflate: false })
    ws.on('open', () => resolve({ send: (bytes) => ws.send(bytes), close: () => ws.close() }))
    ws.on('message', (data: Buffer) => onFrame(data))
    ws.on('close', onClose)
    ws.on('error', reject)
  })

/** People who are known to the relay, with whole logs and real key packages, and never come back. */
export class Crowd {
  private readonly url: string
  private readonly engine: MlsEngine

  constructor(url: string) {
    this.url = url
    this.engine = loadMlsEngine(readFileSync(fileURLToPath(import.meta.resolve('@quintet/crypto/quintet_mls.wasm'))), {
      read: () => undefined,
    })
  }

  /** Each with that many devices, each of which has `stock` key packages of the base suite. Answers the handles. */
  async gather(accounts: number, devicesEach: number, stock: number): Promise<readonly string[]> {
    const handles = Array.from({ length: accounts }, (_, at) => `crowd-${at}`)
    const queue = handles.values()
    const lane = async (): Promise<void> => {
      for (const handle of queue) await this.person(handle, devicesEach, stock)
    }
    await Promise.all([lane(), lane(), lane(), lane()])
    this.engine.takeChanges()
    return handles
  }

  private async person(handle: string, devicesEach: number, stock: number): Promise<void> {
    const account = await TestAccount.create(random, Date.now(), this.engine.createSigner())
    const first = await TestDevice.open(account, account.first, socketTo(this.url))
    expectAnswer(await first.signUp(handle), 'signedUp')
    await this.fill(first, stock)
    for (let at = 1; at < devicesEach; at++) {
      const keys = account.newKeys('desktop', this.engine.createSigner())
      await this.link(first, keys)
      const device = await TestDevice.open(account, keys, socketTo(this.url))
      expectAnswer(await device.signIn(), 'authenticated')
      await this.fill(device, stock)
      device.line.close()
    }
    first.line.close()
  }

  private async link({ account, line }: TestDevice, keys: TestKeys): Promise<void> {
    const operation = { kind: 'add', identity: keys.identity, manageClaim: false } as const
    const entry = await account.entry(operation, Date.now(), account.first, keys)
    expectAnswer(await line.ask({ case: 'appendLog', value: { account: account.bytes, entry } }), 'logAppended')
    account.adopt(entry)
  }

  private async fill(device: TestDevice, stock: number): Promise<void> {
    const { credential, mlsKey } = device.leaf
    this.engine.useIdentity(mlsKey, encodeCredential(credential))
    const made = this.engine.createKeyPackages('base', stock, lifetimeSeconds, false).map(({ bytes }) => bytes)
    const value = { suite: Suite.BASE, keyPackages: made, lastResort: none, replace: false }
    expectAnswer(await device.ask({ case: 'putKeyPackages', value }), 'done')
  }
}
