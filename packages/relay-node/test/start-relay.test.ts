import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bytesOf, type Handle, parseHandle } from '@quintet/domain'
import { openStore, parseTrustedProxies, StartError } from '@quintet/relay-node'
import { chatIdOf, expectAnswer, outcome, policyFor, TestAccount } from '@quintet/relay/testing'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { comeBack, Host, person, random, visitor } from './host.ts'

const present = (handle: Handle | undefined): Handle => handle ?? expect.unreachable()

const codeOf = (starting: Promise<unknown>): Promise<string> =>
  starting.then(
    () => 'started',
    (error: unknown) => (error instanceof StartError ? error.code : String(error)),
  )

test('two people who sign up find each other, share a chat and hear each other over a real socket', async () => {
  await using host = new Host()
  const { url } = await host.start()
  const [alice, bob] = [await person(url, 'alice'), await person(url, 'bob')]
  const found = expectAnswer(await alice.ask({ case: 'lookup', value: { handle: 'bob' } }), 'lookedUp')
  expect(found.account).toEqual(bob.account.bytes)
  const chat = chatIdOf(random(32))
  const policy = policyFor('group', alice.account, [alice.account, bob.account])
  expect(outcome(await alice.createChat(chat, policy, [bob]))).toBe('done')
  expect((await bob.line.hears('chatAdded')).welcome).toBe(true)
  expect(expectAnswer(await alice.say(chat, 1n, 1n, 'one'), 'appended').seq).toBe(2n)
  expect((await bob.line.hears('entry')).entry?.seq).toBe(2n)
  expect(outcome(await bob.ack(chat, 2n))).toBe('done')
  expect((await alice.line.hears('delivered')).delivered?.seq).toBe(2n)
})

test('a relay that starts again on its folder is the same relay and has everything', async () => {
  await using host = new Host()
  const first = await host.start()
  const before = await person(first.url, 'alice')
  const chat = chatIdOf(random(32))
  await before.createChat(chat, policyFor('group', before.account, [before.account]))
  await before.say(chat, 1n, 1n, 'one')
  const { incarnation } = before.line.greeting
  await Promise.all([first.close(), first.close()])
  const second = await host.start()
  const alice = await comeBack(before, second.url)
  expect(alice.line.greeting.incarnation).toEqual(incarnation)
  expect(expectAnswer(await alice.say(chat, 1n, 1n, 'one'), 'appended').seq).toBe(2n)
  expect(expectAnswer(await alice.say(chat, 1n, 2n, 'two'), 'appended').seq).toBe(3n)
  const page = await alice.ask({ case: 'fetch', value: { chat: bytesOf(chat) } })
  expect(expectAnswer(page, 'fetched').entries.map(({ seq }) => seq)).toEqual([1n, 2n, 3n])
})

test('a handle that a sign-up took before a crash cut it short is free again', async () => {
  await using host = new Host()
  const store = openStore(host.folder)
  const nobody = await TestAccount.create(random, Date.now())
  await store.handles.claim(present(parseHandle('alice')), nobody.id, Date.now())
  await store.close()
  const { url } = await host.start()
  expect((await person(url, 'alice')).line.closed).toBe(false)
})

test('a folder in use, a busy port, a foreign address and a folder that cannot be written are told apart', {
  timeout: 120_000,
}, async () => {
  await using host = new Host()
  const { port } = await host.start()
  expect(await codeOf(host.start())).toBe('data-in-use')
  await using other = new Host()
  expect(await codeOf(other.start({ port }))).toBe('port-in-use')
  expect(await codeOf(other.start({ host: '203.0.113.1' }))).toBe('address-unavailable')
  expect(await codeOf(other.start({ dataDir: '/proc/quintet' }))).toBe('data-unwritable')
  expect(await codeOf(other.start())).toBe('started')
})

test('a folder that only others may write is told, and left as it was', async () => {
  if (process.getuid?.() === 0) {
    // The superuser may write everywhere; a read-only file system is what stops it.
    await using host = new Host()
    expect(await codeOf(host.start({ dataDir: '/sys/quintet' }))).toBe('data-unwritable')
    return
  }
  await using host = new Host()
  const folder = join(host.folder, 'locked')
  mkdirSync(folder)
  chmodSync(folder, 0o500)
  expect(await codeOf(host.start({ dataDir: folder }))).toBe('data-unwritable')
})

test('data of a newer version is not touched, and damaged data is told', { timeout: 120_000 }, async () => {
  await using host = new Host()
  const relay = await host.start()
  await relay.close()
  const db = new DatabaseSync(join(host.folder, 'relay.db'))
  db.exec('PRAGMA user_version = 999')
  db.close()
  expect(await codeOf(host.start())).toBe('data-newer')
  await using other = new Host()
  const { writeFileSync } = await import('node:fs')
  writeFileSync(join(other.folder, 'relay.db'), 'this is no database, and long enough to be sure of it'.repeat(30))
  expect(await codeOf(other.start())).toBe('data-damaged')
  await using third = new Host()
  await (await third.start()).close()
  const holed = new DatabaseSync(join(third.folder, 'relay.db'))
  holed.exec('DROP TABLE settings')
  holed.close()
  expect(await codeOf(third.start())).toBe('data-damaged')
})

test('health, the page and, from this machine, the metrics answer; nothing else does', async () => {
  await using host = new Host()
  const { url } = await host.start()
  await person(url, 'alice')
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ ok: true })
  const page = await fetch(url)
  expect(await page.text()).toContain('npx quintet signup')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('quintet_relay_accounts 1')
  expect(metrics).not.toContain('alice')
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
  const wrong = new WebSocket(`${url.replace('http', 'ws')}/elsewhere`)
  await expect(new Promise((resolve, reject) => wrong.on('open', resolve).on('error', reject))).rejects.toThrow('404')
})

test('behind a proxy that is trusted each visitor has limits of its own; otherwise all share the proxy’s', async () => {
  const policy = { signUpsPerAddress: { burst: 1, perMinute: 0.001 } }
  const signUps = async (url: string): Promise<readonly string[]> => {
    const outcomes: string[] = []
    for (const [at, address] of ['203.0.113.1', '203.0.113.2', '203.0.113.2'].entries()) {
      const somebody = await visitor(url, { 'x-forwarded-for': address })
      outcomes.push(outcome(await somebody.signUp(`person${at}`)))
    }
    return outcomes
  }
  await using host = new Host()
  const trusting = await host.start({ policy, trustedProxies: parseTrustedProxies('loopback') ?? expect.unreachable() })
  expect(await signUps(trusting.url)).toEqual(['done', 'done', 'RATE_LIMITED'])
  await using other = new Host()
  const { url } = await other.start({ policy })
  expect(await signUps(url)).toEqual(['done', 'RATE_LIMITED', 'RATE_LIMITED'])
  const passedOn = await fetch(`${url}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } })
  expect(passedOn.status).toBe(404)
})

test('text instead of frames, or a frame that is too large, ends that socket and no other', async () => {
  await using host = new Host()
  const { url } = await host.start({ policy: { maxFrameBytes: 10_000 } })
  const alice = await person(url, 'alice')
  for (const message of ['text', new Uint8Array(10_001)]) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`)
    socket.on('open', () => socket.send(message))
    socket.on('error', () => {})
    await new Promise((resolve) => socket.on('close', resolve))
  }
  expect(outcome(await alice.ask({ case: 'ping', value: {} }))).toBe('done')
})

test('a full disk is told, loses nothing that was taken, and leaves reading as it is', async () => {
  await using host = new Host()
  const { url } = await host.start({ maxPagesForTests: 120 })
  const alice = await person(url, 'alice')
  const chat = chatIdOf(random(32))
  await alice.createChat(chat, policyFor('group', alice.account, [alice.account]))
  let taken = 0n
  let refusal = 'none'
  for (let n = 1n; refusal === 'none' && n < 200n; n++) {
    const answer = await alice.say(chat, 1n, n, 'x'.repeat(8000))
    if (answer.case === 'appended') taken = n
    else refusal = outcome(answer)
  }
  expect(refusal).toBe('FULL')
  expect(taken).toBeGreaterThan(3n)
  const again = outcome(await alice.say(chat, 1n, taken + 1n, 'x'.repeat(8000)))
  expect(['FULL', 'UNAVAILABLE']).toContain(again)
  const after = taken - 9n
  const page = expectAnswer(await alice.ask({ case: 'fetch', value: { chat: bytesOf(chat), after } }), 'fetched')
  expect(page.headSeq).toBe(taken + 1n)
  expect(page.entries).toHaveLength(10)
})
