import { mkdtempSync, rmSync } from 'node:fs'
import { randomFillSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatIdOf, expectAnswer, outcome, policyFor, TestAccount, TestDevice, type TestWire } from '@quintet/relay/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningRelay, startRelay, type StartOptions } from './index.ts'

const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))
let folder = ''
const running: RunningRelay[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-relay-'))
})
afterEach(async () => {
  for (const relay of running.splice(0)) await relay.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: Partial<StartOptions> = {}): Promise<RunningRelay> {
  const relay = await startRelay({ dataDir: folder, ...options })
  running.push(relay)
  return relay
}

const socketTo = (relay: RunningRelay) => (onFrame: (bytes: Uint8Array) => void, onClose: () => void) =>
  new Promise<TestWire>((resolve, reject) => {
    const ws = new WebSocket(`${relay.url.replace('http', 'ws')}/v1/socket`)
    ws.on('open', () => resolve({ send: (bytes) => ws.send(bytes), close: () => ws.close() }))
    ws.on('message', (data: Buffer) => onFrame(new Uint8Array(data)))
    ws.on('close', onClose)
    ws.on('error', reject)
  })

async function person(relay: RunningRelay, handle: string): Promise<TestDevice> {
  const account = await TestAccount.create(random, Date.now())
  const device = await TestDevice.open(account, account.first, socketTo(relay))
  expect(outcome(await device.signUp(handle))).toBe('done')
  return device
}

test('two people who sign up find each other, share a chat and hear each other over a real socket', async () => {
  const relay = await start()
  const alice = await person(relay, 'alice')
  const bob = await person(relay, 'bob')
  const found = expectAnswer(await alice.ask({ case: 'lookup', value: { handle: 'bob' } }), 'lookedUp')
  expect(found.account).toEqual(bob.account.bytes)
  const chat = chatIdOf(random(32))
  const policy = policyFor('group', alice.account, [alice.account, bob.account])
  expect(outcome(await alice.createChat(chat, policy, [bob]))).toBe('done')
  expect((await bob.line.hears('chatAdded')).welcome).toBe(true)
  const sent = expectAnswer(await alice.say(chat, 1n, 1n, 'one'), 'appended')
  expect(sent.seq).toBe(2n)
  const heard = await bob.line.hears('entry')
  expect(heard.entry?.seq).toBe(2n)
  expect(outcome(await bob.ack(chat, 2n))).toBe('done')
  const delivered = await alice.line.hears('delivered')
  expect(delivered.delivered?.seq).toBe(2n)
})
