import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash, randomFillSync } from 'node:crypto'
import { connect } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OwnerPolicy, policyOf, silentObserver } from '@quintet/relay'
import { garbageStage, TestWorld, unlimited } from '@quintet/relay/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsChanged, hostile, hostileText, nearTo } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { backupStore, BackupError, restoreStore, StartError } from '../src/index.ts'
import { clientAddress, parseTrustedProxies } from '../src/http/client-address.ts'
import { openSqliteStore } from '../src/sqlite/sqlite-store.ts'
import { Host, person } from './host.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

test('no frame makes a store of SQLite fail: every number that is asked for has been read before', {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-garbage-'))
  const store = openSqliteStore(join(folder, 'relay.db'))
  const faults: unknown[] = []
  const outcomes = new Outcomes()
  const observer = {
    ...silentObserver,
    answered: (call: string, outcome: string) => outcomes.note(`${call} ${outcome}`),
    fault: (what: string, error: unknown) => faults.push([what, error]),
  }
  const world = await TestWorld.create(store, { random, sha256 }, unlimited, observer)
  const stage = await garbageStage(world)
  // Where reads are answered from a thread of their own, it has started by now.
  await stage.talk()
  await fc.assert(
    fc.asyncProperty(fieldsChanged(stage.frames, 2), async (bytes) => {
      await stage.send(bytes, true)
      expect(faults).toEqual([])
    }),
    runs(250),
  )
  await stage.talk()
  // What is still asked when a relay closes is answered with `unavailable`, and rightly so.
  const answered = outcomes.names
  await world.relay.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  expect(answered.filter((name) => name.endsWith(' unavailable'))).toEqual([])
  expect(answered.length).toBeGreaterThan(25)
})

/** Sends bytes to the port as they are, and gives what came back by the time when the next visitor is answered. */
function raw(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    const done = (heard: string): void => {
      resolve(heard)
      socket.destroy()
    }
    socket.on('data', (data) => done(data.toString('latin1')))
    socket.on('error', () => done(''))
    socket.on('close', () => done(''))
    socket.on('finish', () => {
      const next = connect(port, '127.0.0.1', () => next.write(get('/nowhere')))
      next.on('data', () => next.destroy())
      next.on('error', () => done('no answer'))
      next.on('close', () => done(''))
    })
  })
}

const upgrade = (target: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`
const get = (target: string, method = 'GET', more = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n${more}\r\n`

test('whatever is said to the port, the relay answers in HTTP or hangs up, and serves the next', {
  timeout: 600_000,
}, async () => {
  await using host = new Host()
  const relay = await host.start()
  const alice = await person(relay.url, 'alice')
  const targets = ['//', 'http://[', '/v1/socket?x=%', '/..//v1/socket', '*', '/v1/socket', 'http:', '/%00', '/\u00ff']
  const samples = [
    ...targets.flatMap((target) => [upgrade(target), get(target)]),
    `${get('/', 'POST', 'Content-Length: 5\r\n')}hello`,
    get('/health', 'GET', 'Range: bytes=0-\r\nX-Forwarded-For: 1.2.3.4, [::1]:9\r\n'),
    `${get('/metrics', 'GET', 'Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\n\r\n`,
    `${upgrade('/v1/socket', 'Sec-WebSocket-Extensions: permessage-deflate\r\n')}\x82\x05hello\x89\x00`,
    `${upgrade('/v1/socket')}\x82\xfe\xff\xff\x00\x00\x00\x00`,
    `${upgrade('/v1/socket')}\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00`,
  ].map((each) => Uint8Array.from(each, (letter) => letter.charCodeAt(0)))
  const outcomes = new Outcomes()
  for (const sample of samples) outcomes.note((await raw(relay.port, sample)).slice(9, 12))
  await fc.assert(
    fc.asyncProperty(fc.oneof(nearTo(samples), fc.uint8Array({ maxLength: 200 })), async (bytes) => {
      outcomes.note((await raw(relay.port, bytes)).slice(9, 12))
    }),
    runs(250),
  )
  for (const seen of ['101', '200', '400', '404']) expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  expect((await fetch(`${relay.url}/health`)).status).toBe(200)
  expect((await alice.ask({ case: 'ping', value: {} })).case).toBe('done')
})

test('a file that is no sound backup is said to be none, and what was there stays', { timeout: 600_000 }, async () => {
  const host = new Host()
  const relay = await host.start()
  const alice = await person(relay.url, 'alice')
  await relay.close()
  const file = join(host.folder, 'backup.db')
  backupStore(host.folder, file, 0)
  const good = new Uint8Array(readFileSync(file))
  const spoilt = join(host.folder, 'spoilt.db')
  const outcomes = new Outcomes()
  // A sound database, but of another program.
  for (const sql of ['create table settings (a)', 'create view settings as select 1 as key, 2 as value']) {
    const other = join(host.folder, `other-${outcomes.names.length}-${sql.length}.db`)
    const db = new DatabaseSync(other)
    db.exec(`pragma user_version = 1; ${sql}`)
    db.close()
    expect(() => restoreStore(host.folder, other, 1)).toThrow(BackupError)
  }
  // One that can be read and not be written to: its header says so.
  const sealed = good.slice()
  sealed[18] = 3
  writeFileSync(spoilt, sealed)
  expect(() => restoreStore(host.folder, spoilt, 1)).toThrow(BackupError)
  await fc.assert(
    fc.asyncProperty(hostile([good], 5000), async (bytes) => {
      writeFileSync(spoilt, bytes)
      const before = readFileSync(join(host.folder, 'relay.db'))
      try {
        restoreStore(host.folder, spoilt, 1)
      } catch (error) {
        if (!(error instanceof BackupError || error instanceof StartError)) throw error
        outcomes.note(error.code)
        expect(readFileSync(join(host.folder, 'relay.db')).equals(before)).toBe(true)
        return
      }
      outcomes.note('restored')
      restoreStore(host.folder, file, 2)
    }),
    runs(60),
  )
  expect(outcomes.names).toEqual(expect.arrayContaining(['backup-damaged', 'restored']))
  expect(alice.account.id).toBeDefined()
  await host[Symbol.asyncDispose]()
})

test('what an owner writes as policy is a whole policy, whatever it is', () => {
  const keys = ['signUp', 'maxDevices', 'requests', 'metricsFromAnywhere', 'retentionMs', 'constructor', '__proto__']
  const values = hostileText(['open', '5', '30/20', '30/0.5', 'true', '999999999999999'])
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: 5 }), (settings) => {
      const policy: OwnerPolicy = policyOf(new Map(settings.map(([key, value]) => [`policy.${key}`, value])))
      expect(['open', 'invite', 'closed']).toContain(policy.signUp)
      expect(policy.maxDevices).toBeGreaterThan(0)
      expect(Number.isSafeInteger(policy.retentionMs)).toBe(true)
      expect(Number.isFinite(policy.requests.burst + policy.requests.perMinute)).toBe(true)
      expect(typeof policy.metricsFromAnywhere).toBe('boolean')
    }),
    runs(300),
  )
})

test('whatever a visitor or a proxy says of addresses, one address comes of it', () => {
  const samples = [
    '10.0.0.1',
    '::1',
    '[2001:db8::1]:443',
    '1.2.3.4:80',
    '::ffff:10.0.0.1',
    'loopback',
    '10.0.0.0/8, ::1/128',
  ]
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostileText(samples), hostileText(samples), (proxies, said) => {
      const trusted = parseTrustedProxies(proxies)
      outcomes.note(trusted === undefined ? 'refused' : 'read')
      const address = clientAddress('10.0.0.9', `${said}, 10.0.0.1`, trusted ?? (() => true))
      expect(address).toMatch(/^[0-9a-fA-F.:%]+/)
    }),
    runs(1000),
  )
  expect(outcomes.names).toEqual(['read', 'refused'])
})
