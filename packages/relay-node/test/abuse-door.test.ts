import { gzipSync } from 'node:zlib'
import type { OwnerPolicy } from '@quintet/relay'
import { parseTrustedProxies } from '@quintet/relay-node'
import { outcome, TestClock, type TestDevice } from '@quintet/relay/testing'
import { expect, test } from 'vitest'
import { Host, person, visitor } from './host.ts'
import { closeCode, frame, Raw, upgrade } from './raw.ts'

/** A relay with these limits, and somebody in whom all of it must not concern. */
async function relayWith(host: Host, policy: Partial<OwnerPolicy>): Promise<{ url: string; bystander: TestDevice }> {
  const { url } = await host.start({ policy })
  return { url, bystander: await person(url, 'bystander') }
}

const isWell = async (device: TestDevice): Promise<void> =>
  expect(outcome(await device.ask({ case: 'ping', value: {} }))).toBe('done')

/** Whether a relay that goes on for as long as it takes keeps hold of no more than this. */
function bounded(bytes: number): () => void {
  const before = process.memoryUsage().rss
  return () => expect(process.memoryUsage().rss - before).toBeLessThan(bytes)
}

test('one address has so many connections, and fewer that have not signed in; another address has its own', async () => {
  await using host = new Host()
  const policy = { connectionsPerAddress: 4, strangersPerAddress: 2 }
  const trustedProxies = parseTrustedProxies('loopback') ?? expect.unreachable()
  const { url } = await host.start({ policy, trustedProxies })
  const from = (address: string) => visitor(url, { 'x-forwarded-for': address })
  const inside = [await from('203.0.113.1'), await from('203.0.113.1')]
  expect((await (await from('203.0.113.1')).line.hears('goodbye')).message).toBe(
    'Too many connections from this address.',
  )
  for (const [at, each] of inside.entries()) expect(outcome(await each.signUp(`inside-${at}`))).toBe('done')
  const more = [await from('203.0.113.1'), await from('203.0.113.1')]
  for (const each of more) expect(each.line.closed).toBe(false)
  const tooMany = await from('203.0.113.1')
  expect((await tooMany.line.hears('goodbye')).code).toBe(4)
  expect((await from('203.0.113.2')).line.closed).toBe(false)
  more[0]?.line.close()
  await expect.poll(async () => (await from('203.0.113.1')).line.closed, { timeout: 10_000 }).toBe(false)
})

test('connections that say nothing fill one address’s share of the door, nobody else’s', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, { connectionsPerAddress: 5 })
  const silent = await Promise.all(Array.from({ length: 30 }, () => Raw.open(url)))
  let closed = 0
  for (const raw of silent) void raw.closed.then(() => closed++)
  await expect.poll(() => closed, { timeout: 10_000 }).toBe(21)
  const other = await Raw.open(url, '127.0.0.2')
  other.send('GET /health HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n')
  expect(await other.end()).toMatch(/^HTTP\/1\.1 200 /)
  await isWell(bystander)
  for (const raw of silent) raw.socket.destroy()
})

test('whoever comes again and again is told when to come again, on the page and at the socket', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, { connectsPerAddress: { burst: 3, perMinute: 1 } })
  for (const status of [200, 200, 429]) expect((await fetch(url)).status).toBe(status)
  const refused = await fetch(`${url}/health`)
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  const raw = await Raw.open(url)
  raw.send(`${upgrade}\r\n`)
  expect(await raw.end()).toMatch(/^HTTP\/1\.1 429 [\s\S]*Retry-After: [0-9]+/)
  await isWell(bystander)
})

test('a request that trickles in, or never comes, is given up: no word, half a head, half a body', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, { slowRequestMs: 400 })
  const silent = await Raw.open(url)
  const head = await Raw.open(url)
  head.send('GET / HTTP/1.1\r\nHost: re')
  const body = await Raw.open(url)
  body.send('POST / HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"')
  const trickle = setInterval(() => {
    head.send('x')
    body.send('x')
  }, 20)
  const elsewhere = await Raw.open(url)
  elsewhere.send(`${upgrade.replace('/v1/socket', '/elsewhere')}\r\n`)
  expect(await elsewhere.end()).toMatch(/^HTTP\/1\.1 404 /)
  for (const raw of [silent, head]) expect(await raw.end()).toMatch(/^(HTTP\/1\.1 408 |$)/)
  expect(await body.end()).toMatch(/^HTTP\/1\.1 4[0-9]{2} /)
  clearInterval(trickle)
  await isWell(bystander)
})

test('who upgrades and never signs in is shown out with a word', async () => {
  await using host = new Host()
  const clock = new TestClock(Date.now())
  const { url } = await host.start({ clock })
  const bystander = await person(url, 'bystander')
  const raw = await Raw.upgraded(url)
  clock.pass(31_000)
  expect(await raw.until((text) => closeCode(text) === 1000)).toContain('Nobody signed in here.')
  await isWell(bystander)
  raw.socket.destroy()
})

test('compression is not taken up when it is offered, and a compressed frame ends its connection unread', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, {})
  const offered = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n'
  const raw = await Raw.upgraded(url, offered)
  expect(raw.text.split('\r\n\r\n')[0]).not.toMatch(/extensions/i)
  const holds = bounded(64 * 2 ** 20)
  raw.send(frame(0xc2, gzipSync(Buffer.alloc(100 * 2 ** 20))))
  expect(closeCode(await raw.end())).toBe(1002)
  holds()
  await isWell(bystander)
})

test('a compressed body is not unpacked, and one that is too large not read', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, {})
  const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20))
  const holds = bounded(64 * 2 ** 20)
  for (const body of [bomb, Buffer.alloc(2 ** 20)]) {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
    const answered = await fetch(url, { method: 'POST', headers, body }).then(
      ({ status }) => status,
      () => 'closed',
    )
    expect([404, 400, 413, 415, 'closed']).toContain(answered)
  }
  holds()
  await isWell(bystander)
})

test('a frame that says it is huge ends its connection before it comes, in one piece or in many', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, { maxFrameBytes: 100_000 })
  const declared = await Raw.upgraded(url)
  declared.send(frame(0x82, Buffer.alloc(10), 2 ** 40))
  expect(closeCode(await declared.end())).toBe(1009)
  const pieces = await Raw.upgraded(url)
  pieces.send(frame(0x02, Buffer.alloc(30_000)))
  for (let more = 0; more < 4; more++) pieces.send(frame(0x00, Buffer.alloc(30_000)))
  expect(closeCode(await pieces.end())).toBe(1009)
  const crumbs = await Raw.upgraded(url)
  crumbs.send(frame(0x02, Buffer.alloc(1)))
  crumbs.send(Buffer.concat(Array.from({ length: 20_000 }, () => frame(0x00, Buffer.alloc(0)))))
  expect([1008, 1009]).toContain(closeCode(await crumbs.end()))
  await isWell(bystander)
})

test('who asks for signs of life and never takes the answers is cut off before they fill the relay', async () => {
  await using host = new Host()
  const { url, bystander } = await relayWith(host, {})
  const raw = await Raw.upgraded(url)
  raw.socket.pause()
  const holds = bounded(128 * 2 ** 20)
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(0x89, Buffer.alloc(100))))
  let ended = false
  void raw.closed.then(() => (ended = true))
  raw.socket.on('error', () => (ended = true))
  while (!ended && !raw.socket.destroyed) {
    if (raw.socket.write(pings)) await new Promise(setImmediate)
    else await Promise.race([new Promise((resolve) => raw.socket.once('drain', resolve)), raw.closed])
  }
  holds()
  await isWell(bystander)
})
