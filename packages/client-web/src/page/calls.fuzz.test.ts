import { ClientError } from '@quintet/client/error'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { errorOf, failureOf, WorkerFault } from '../failure.ts'
import type { ToPage, ToWorker } from '../messages.ts'
import { createCalls } from './calls.ts'

/** A message of the right kinds, with whatever in its fields: page and worker are built together, but not the numbers. */
const message: fc.Arbitrary<ToPage> = fc.oneof(
  fc.record({ kind: fc.constant('result' as const), call: fc.integer(), value: fc.anything() }),
  fc.record({ kind: fc.constant('result' as const), call: fc.constantFrom(1, 2), value: fc.anything() }),
  fc.record({
    kind: fc.constant('failed' as const),
    call: fc.constantFrom(1, 2, 3),
    failure: fc.oneof(
      fc.record({ kind: fc.constant('fault' as const), detail: fc.string() }),
      fc.anything().map(failureOf),
    ),
  }),
  fc.record({
    kind: fc.constant('question' as const),
    call: fc.constantFrom(0, 1, 2),
    question: fc.integer(),
    name: fc.constantFrom('offer' as const, 'confirm' as const, 'pick' as const),
    args: fc.array(fc.anything()),
  }),
  fc.record({ kind: fc.constantFrom('closed' as const) }),
)

test('whatever a worker says, each call ends once, with a value or an error to act on', async () => {
  const outcomes = new Outcomes()
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (messages) => {
      const told: ToWorker[] = []
      const calls = createCalls((each) => told.push(each))
      const ends: string[] = []
      const asked = { confirm: async () => true }
      for (const call of [calls.call('sync', []), calls.call('link', [], asked)]) {
        void call.then(
          () => ends.push('value'),
          (error: unknown) =>
            ends.push(error instanceof ClientError || error instanceof WorkerFault ? 'error' : 'other'),
        )
      }
      for (const each of messages) calls.hear(each)
      await Promise.resolve()
      calls.end('the worker is gone')
      await new Promise((turn) => setImmediate(turn))
      expect(ends.length).toBe(2)
      expect(ends).not.toContain('other')
      for (const end of ends) outcomes.note(end)
      for (const each of told) outcomes.note(each.kind)
    }),
    runs(400),
  )
  expect(outcomes.names).toEqual(['answer', 'call', 'error', 'value'])
})

test('whatever was thrown goes over the port as a failure, and comes out as an error', () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const failure = structuredClone(failureOf(thrown))
      expect(errorOf(failure)).toBeInstanceOf(Error)
    }),
    runs(400),
  )
})
