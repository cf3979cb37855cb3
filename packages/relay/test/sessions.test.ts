import { create, FrameSchema, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outcome, TestLine } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

test('a connection that nobody signs in on is ended after a while; one that is signed in stays', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const stranger = await world.device(await world.account())
  world.clock.pass(31_000)
  await stranger.line.until(() => stranger.line.closed)
  expect((await stranger.line.hears('goodbye')).message).toBe('Nobody signed in here.')
  expect(outcome(await alice.ask({ case: 'ping', value: {} }))).toBe('done')
})

test('a frame that is none ends the connection with a word, and the relay goes on', async () => {
  const world = await newWorld({ maxFrameBytes: 8000 })
  const alice = await world.person('alice')
  for (const frame of [Uint8Array.of(255, 255, 255), new Uint8Array(0), new Uint8Array(8001)]) {
    const device = await world.device(await world.account())
    device.line.sendRaw(frame)
    await device.line.until(() => device.line.closed)
    expect((await device.line.hears('goodbye')).code).toBeGreaterThan(0)
  }
  expect(outcome(await alice.ask({ case: 'ping', value: {} }))).toBe('done')
})

test('a request of a kind that the relay does not know is answered as malformed', async () => {
  const world = await newWorld()
  const device = await world.device(await world.account())
  const answer = new Promise<string>((resolve) => {
    void device.line
      .until(() => device.line.unknownAnswers.length > 0)
      .then(() => resolve(device.line.unknownAnswers[0] ?? ''))
  })
  device.line.sendRaw(toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id: 77 } } })))
  expect(await answer).toBe('MALFORMED')
})

test('no bytes whatever bring the relay down', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const request = fc.uint8Array({ maxLength: 200 }).map((body) => Uint8Array.of(0x12, body.length & 127, ...body))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), request), async (bytes) => {
      const device = await world.device(await world.account())
      device.line.sendRaw(bytes)
      device.line.close()
      expect(outcome(await alice.ask({ case: 'ping', value: {} }))).toBe('done')
    }),
    { numRuns: 100 },
  )
})

test('the same device connecting again ends the connection before', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  const again = await world.device(alice.account, alice.keys)
  expect(outcome(await again.signIn())).toBe('done')
  expect((await alice.line.hears('goodbye')).message).toMatch(/connected again/)
  expect(outcome(await again.ask({ case: 'ping', value: {} }))).toBe('done')
})

test('requests over the rate are refused with a time to wait, and connections of one address are bounded', async () => {
  const world = await newWorld({ requests: { burst: 3, perMinute: 60 }, connectionsPerAddress: 2 })
  const alice = await world.person('alice')
  const ping = async () => outcome(await alice.ask({ case: 'ping', value: {} }))
  expect([await ping(), await ping(), await ping(), await ping()]).toEqual(['done', 'done', 'done', 'RATE_LIMITED'])
  world.clock.pass(1000)
  expect(await ping()).toBe('done')
  await world.device(await world.account())
  await expect(world.device(await world.account()).then((device) => device.signIn())).rejects.toThrow()
})

test('a reader that takes nothing is let go before the relay fills up with what it left', async () => {
  const world = await newWorld({ maxBufferedBytes: 100 })
  let closed = false
  let held = 0
  const connection = world.relay.accept({
    address: '127.0.0.1',
    send: (bytes) => {
      held += bytes.length
    },
    close: () => {
      closed = true
    },
    bufferedBytes: () => held,
  })
  expect(closed).toBe(true)
  connection.receive(Uint8Array.of(1))
})

test('a relay that stops says goodbye and takes nobody in', async () => {
  const world = await newWorld()
  const alice = await world.person('alice')
  await world.relay.close()
  expect((await alice.line.hears('goodbye')).message).toMatch(/shutting down/)
  const late = await TestLine.open((onFrame, onClose) => {
    const socket = { address: '', send: onFrame, close: onClose, bufferedBytes: () => 0 }
    const connection = world.relay.accept(socket)
    return { send: (bytes) => connection.receive(bytes), close: () => connection.closed() }
  })
  expect(late.closed).toBe(true)
})
