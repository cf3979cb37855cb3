import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomFillSync } from 'node:crypto'
import { openStore, startRelay } from '@quintet/relay-node'
import { outcome, TestAccount, TestDevice } from '@quintet/relay/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownerCommand } from '../src/owner/run.ts'
import { parseStart } from '../src/start-options.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-owner-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: string[]): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  const said: { readonly out: string[]; readonly err: string[] } = { out: [], err: [] }
  const io = { out: (text: string) => void said.out.push(text), err: (text: string) => void said.err.push(text) }
  const exit = await ownerCommand([...args, '--data', folder], io)
  return { exit, out: said.out.join(''), err: said.err.join('') }
}

const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out.split('\n')[0] ?? '')

const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

async function visitor(url: string, known?: TestAccount): Promise<TestDevice> {
  const account = known ?? (await TestAccount.create(random, Date.now()))
  return TestDevice.open(
    account,
    account.first,
    (onFrame, onClose) =>
      new Promise((resolve) => {
        const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`)
        ws.binaryType = 'arraybuffer'
        ws.onmessage = ({ data }) => onFrame(new Uint8Array(data))
        ws.onclose = onClose
        ws.onopen = () => resolve({ send: (bytes) => ws.send(new Uint8Array(bytes)), close: () => ws.close() })
      }),
  )
}

test('beside a running relay: invites let people in, a suspended account is shown out, and in again later', {
  timeout: 120_000,
}, async () => {
  const relay = await startRelay({ dataDir: folder, policy: { signUp: 'invite' } })
  try {
    const alice = await visitor(relay.url)
    expect(outcome(await alice.signUp('alice'))).toBe('INVITE_INVALID')
    const { code } = await json('invites', 'create', '--uses', '1')
    expect(outcome(await alice.signUp('alice', code))).toBe('done')
    expect((await json('invites', 'list')).usesLeft).toBe(0)
    expect(await json('status')).toMatchObject({ running: true, accounts: 1, devices: 1 })
    expect(await json('accounts', 'show', 'alice')).toMatchObject({ handle: 'alice', devices: 1, suspended: false })
    expect(await json('suspend', 'alice')).toMatchObject({ ok: true })
    await alice.line.until(() => alice.line.closed)
    expect(outcome(await alice.reconnect())).toBe('SUSPENDED')
    expect(await json('accounts')).toMatchObject({ accounts: 1, suspended: 1 })
    await run('unsuspend', 'alice')
    await expect.poll(async () => outcome(await alice.reconnect()), { timeout: 5000 }).toBe('done')
    await run('policy', 'set', 'signUp', 'closed')
    await expect
      .poll(async () => outcome(await (await visitor(relay.url)).signUp('bob')), { timeout: 5000 })
      .toBe('SIGN_UP_CLOSED')
  } finally {
    await relay.close()
  }
})

test('a backup made while the relay runs is restored under a new incarnation, and what was there is kept', {
  timeout: 120_000,
}, async () => {
  const relay = await startRelay({ dataDir: folder })
  const alice = await visitor(relay.url)
  await alice.signUp('alice')
  const carol = await visitor(relay.url)
  await carol.signUp('carol')
  const { incarnation } = alice.line.greeting
  const { file } = await json('backup', folder)
  const bob = await visitor(relay.url)
  await bob.signUp('bob')
  const entry = await alice.account.entry({ kind: 'make-main', device: alice.keys.device }, Date.now())
  const change = { case: 'appendLog', value: { account: alice.account.bytes, entry } } as const
  expect(outcome(await carol.ask(change))).toBe('UNAUTHENTICATED')
  expect(outcome(await alice.ask(change))).toBe('done')
  expect((await run('backup', file)).err).toMatch(/there already/)
  expect(await run('restore', file, '--yes')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/in use by another relay/),
  })
  await relay.close()
  expect(await run('restore', file)).toMatchObject({ exit: 1, err: expect.stringMatching(/--yes/) })
  expect(await run('restore', join(folder, 'relay.lock'), '--yes')).toMatchObject({ exit: 1 })
  expect((await json('restore', file, '--yes')).kept).toMatch(/relay\.db\.before/)
  const again = await startRelay({ dataDir: folder })
  const late = await visitor(again.url)
  expect(late.line.greeting.incarnation).not.toEqual(incarnation)
  expect(outcome(await late.ask({ case: 'lookup', value: { handle: 'alice' } }))).toBe('done')
  expect(outcome(await late.ask({ case: 'lookup', value: { handle: 'bob' } }))).toBe('UNKNOWN_HANDLE')
  // What the backup did not have of Alice's devices, Carol brings (R9).
  const back = await visitor(again.url, carol.account)
  expect(outcome(await back.signIn())).toBe('done')
  expect(outcome(await back.ask(change))).toBe('done')
  await again.close()
})

test('the policy is shown, set, unset; what does not parse is refused', { timeout: 120_000 }, async () => {
  await openStore(folder).close()
  expect((await run('policy')).out).toMatch(/maxDevices\s+5\s+default/)
  expect(await run('policy', 'set', 'maxDevices', '7')).toMatchObject({ exit: 0 })
  expect((await run('policy', 'show')).out).toMatch(/maxDevices\s+7\s+set/)
  await run('policy', 'unset', 'maxDevices')
  expect((await run('policy', 'show')).out).toMatch(/maxDevices\s+5\s+default/)
  for (const [key, value] of [
    ['maxDevices', 'many'],
    ['signUp', 'perhaps'],
    ['requests', '5'],
    ['nothing', '1'],
  ]) {
    expect((await run('policy', 'set', key ?? '', value ?? '')).exit).toBe(1)
  }
  expect((await run('policy', 'set', 'requests', '100/50')).exit).toBe(0)
  expect((await run('policy', 'set', 'metricsFromAnywhere', 'true')).exit).toBe(0)
})

test('wrong usage is 2, a refusal 1 with a sentence or one line of JSON, help 0', { timeout: 120_000 }, async () => {
  expect((await run('nothing')).exit).toBe(2)
  expect((await run('--help')).exit).toBe(0)
  expect((await run('restore', '--help')).out).toMatch(/another life of this relay/)
  const missing = await run('status', '--json')
  expect([missing.exit, JSON.parse(missing.err).error]).toEqual([1, 'no-data'])
  await openStore(folder).close()
  expect(JSON.parse((await run('suspend', 'nobody', '--json')).err).error).toBe('unknown-handle')
  expect(JSON.parse((await run('invites', 'revoke', 'none', '--json')).err).error).toBe('unknown-invite')
})

test('the start options are those of the manual; wrong ones are usage', () => {
  const said: string[] = []
  const parse = (...args: string[]) =>
    parseStart(
      args,
      (text) => void said.push(text),
      (text) => void said.push(text),
    )
  expect(parse()).toMatchObject({ port: 4747, host: '127.0.0.1', data: undefined, json: false })
  expect(parse('--json', '--port', '0', '--data', 'x', '--host', '::1')).toMatchObject({
    port: 0,
    json: true,
    data: 'x',
  })
  for (const wrong of [
    ['--port', 'x'],
    ['--port', '70000'],
    ['--what'],
    ['extra'],
    ['--sign-up', 'maybe'],
    ['--trust-proxy', 'all'],
  ]) {
    expect(parse(...wrong)).toEqual({ exit: 2 })
  }
  const { trustProxy } = { trustProxy: undefined, ...parse('--trust-proxy', 'loopback, 10.0.0.0/8') }
  expect([trustProxy?.('10.1.2.3'), trustProxy?.('203.0.113.9')]).toEqual([true, false])
  expect(parse('--help')).toEqual({ exit: 0 })
  expect(said.join('')).toContain('--data')
})
