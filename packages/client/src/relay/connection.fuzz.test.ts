import { create, EntryKind, FailureCode, FrameSchema, fromBinary, type MessageInitShape, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import type { Transport } from '../ports.ts'
import { createRelayLink } from './connection.ts'
import { ConnectionLost, RelayFailure } from './link.ts'

type Kind = NonNullable<MessageInitShape<typeof FrameSchema>['kind']>
const frame = (kind: Kind): Uint8Array => toBinary(FrameSchema, create(FrameSchema, { kind }))
const bytes = (length: number) => new Uint8Array(length).fill(7)

const policy = { signUp: 'open', heartbeatMs: 30_000n, fetchLimit: 500, maxFrameBytes: 4_000_000 }
const greeting = frame({
  case: 'greeting',
  value: { protocolMin: 1, protocolMax: 1, incarnation: bytes(16), challenge: bytes(32), policy },
})
const answer = (id: number) =>
  frame({
    case: 'response',
    value: { id, result: { case: 'lookedUp', value: { account: bytes(32), head: { position: 1n, hash: bytes(32) } } } },
  })
const entry = { seq: 3n, atMs: 4n, epoch: 1n, kind: EntryKind.MESSAGE, device: bytes(16), n: 1n, message: bytes(90) }
const samples = [
  greeting,
  answer(1),
  answer(2),
  frame({
    case: 'response',
    value: { id: 1, result: { case: 'failure', value: { code: FailureCode.STALE, epoch: 3n } } },
  }),
  frame({ case: 'push', value: { kind: { case: 'entry', value: { chat: bytes(32), entry } } } }),
  frame({
    case: 'push',
    value: { kind: { case: 'delivered', value: { chat: bytes(32), delivered: { account: bytes(32), seq: 2n } } } },
  }),
  frame({ case: 'push', value: { kind: { case: 'goodbye', value: { code: FailureCode.SUSPENDED, message: 'no' } } } }),
]

/** A link whose sockets are the test's, on a clock that counts what is planned and rings nothing. */
function opened() {
  const sockets: Parameters<Transport['open']>[1][] = []
  const planned: number[] = []
  let sent = 0
  const transport: Transport = {
    open(_, on) {
      sockets.push(on)
      return { send: () => void sent++, close: () => {} }
    },
  }
  const clock = {
    now: () => 1_000_000,
    after(ms: number) {
      planned.push(ms)
      return () => {}
    },
  }
  const link = createRelayLink({ url: 'http://relay.test', transport, clock, random: { bytes } })
  link.start()
  return { link, sockets, planned, sent: () => sent }
}

test('whatever comes from a socket, the link takes it, counts it and ends that connection, or is refused', async () => {
  const outcomes = new Outcomes()
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(hostile(samples), { minLength: 1, maxLength: 4 }),
      async (greeted, frames) => {
        const { link, sockets, planned, sent } = opened()
        const heard: string[] = []
        link.onPush((push) => heard.push(push.kind.case ?? 'unknown'))
        const [socket] = sockets
        if (socket === undefined) throw new Error('it has a socket')
        if (greeted) socket.frame(greeting)
        const asked = link.call('lookup', { handle: 'bob' }, 'lookedUp').then(
          () => 'answered',
          (error: unknown) => {
            // Only what a caller can act on.
            if (error instanceof RelayFailure) return 'refused'
            if (error instanceof ConnectionLost) return 'lost'
            throw error
          },
        )
        for (const each of frames) socket.frame(each)
        await link.end()
        outcomes.note(await asked)
        outcomes.note(link.malformed > 0 ? 'malformed' : 'fine')
        for (const push of heard) outcomes.note(`push ${push}`)
        // What the relay wishes never makes a device ask without a pause.
        expect(planned.every((ms) => ms >= 0 && Number.isFinite(ms))).toBe(true)
        expect(planned.filter((ms) => ms > 0 && ms < 100).length).toBeLessThan(3)
        expect(sent()).toBeLessThan(4)
      },
    ),
    runs(1500),
  )
  for (const seen of ['answered', 'refused', 'lost', 'malformed', 'fine', 'push entry', 'push delivered'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})

test('a relay that wishes to be asked every millisecond is asked once a second', () => {
  const { sockets, planned } = opened()
  const hasty = fromBinary(FrameSchema, greeting)
  if (hasty.kind.case === 'greeting' && hasty.kind.value.policy) hasty.kind.value.policy.heartbeatMs = 1n
  sockets[0]?.frame(toBinary(FrameSchema, hasty))
  expect(planned.at(-1)).toBe(1000)
})
