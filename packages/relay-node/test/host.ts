import { randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningRelay, startRelay, type StartOptions } from '@quintet/relay-node'
import { TestAccount, TestDevice, type TestWire } from '@quintet/relay/testing'
import { WebSocket } from 'ws'

export const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

/** A folder and the relays started on it; all of it is gone in the end. */
export class Host implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'quintet-relay-'))
  private readonly running: RunningRelay[] = []

  async start(options: Partial<StartOptions> = {}): Promise<RunningRelay> {
    const relay = await startRelay({ dataDir: this.folder, ...options })
    this.running.push(relay)
    return relay
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.running) await relay.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export const socketTo =
  (url: string, headers: Readonly<Record<string, string>> = {}) =>
  (onFrame: (bytes: Uint8Array) => void, onClose: () => void) =>
    new Promise<TestWire>((resolve, reject) => {
      const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, { headers })
      ws.on('open', () => resolve({ send: (bytes) => ws.send(bytes), close: () => ws.close() }))
      ws.on('message', (data: Buffer) => onFrame(new Uint8Array(data)))
      ws.on('close', onClose)
      ws.on('error', reject)
    })

/** Somebody at the door. */
export async function visitor(url: string, headers: Readonly<Record<string, string>> = {}): Promise<TestDevice> {
  const account = await TestAccount.create(random, Date.now())
  return TestDevice.open(account, account.first, socketTo(url, headers))
}

/** Somebody who has signed up over a real socket. */
export async function person(url: string, handle: string): Promise<TestDevice> {
  const device = await visitor(url)
  const answer = await device.signUp(handle)
  if (answer.case !== 'signedUp') throw new Error('the sign-up was refused')
  return device
}

/** The same device at another address: after a restart. */
export async function comeBack(device: TestDevice, url: string): Promise<TestDevice> {
  const again = await TestDevice.open(device.account, device.keys, socketTo(url))
  const answer = await again.signIn()
  if (answer.case !== 'authenticated') throw new Error('the sign-in was refused')
  return again
}
