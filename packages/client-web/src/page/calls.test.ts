import { ClientError } from '@quintet/client'
import { expect, test } from 'vitest'
import { WorkerFault } from '../failure.ts'
import type { ToWorker } from '../messages.ts'
import { createCalls } from './calls.ts'

function started() {
  const told: ToWorker[] = []
  const calls = createCalls((message) => told.push(message))
  return { told, calls }
}

test('each call gets its own answer, in whatever order they come', async () => {
  const { told, calls } = started()
  const [first, second] = [calls.call('sync', []), calls.call('verify', ['bob'])]
  expect(told).toEqual([
    { kind: 'call', call: 1, method: 'sync', args: [], asks: false },
    { kind: 'call', call: 2, method: 'verify', args: ['bob'], asks: false },
  ])
  calls.hear({ kind: 'result', call: 2, value: { words: ['one'] } })
  calls.hear({ kind: 'result', call: 1, value: { received: 0, gaps: 0 } })
  calls.hear({ kind: 'result', call: 1, value: 'a second answer to one call is nobody’s' })
  expect(await first).toEqual({ received: 0, gaps: 0 })
  expect(await second).toEqual({ words: ['one'] })
})

test('a refusal arrives with its code, sentence and details; a fault as a fault', async () => {
  const { calls } = started()
  const refused = calls.call('sync', [])
  const details = { retryAfterS: 7 }
  calls.hear({
    kind: 'failed',
    call: 1,
    failure: { kind: 'expected', code: 'rate-limited', sentence: 'Wait.', details },
  })
  await expect(refused).rejects.toEqual(new ClientError('rate-limited', 'Wait.', details))
  const broken = calls.call('sync', [])
  calls.hear({ kind: 'failed', call: 2, failure: { kind: 'fault', detail: 'RangeError: x' } })
  await expect(broken).rejects.toBeInstanceOf(WorkerFault)
})

test('a question goes to whoever called, and its answer back', async () => {
  const { told, calls } = started()
  const linking = calls.call('link', [], { offer: () => undefined, confirm: async (words) => words.length === 4 })
  calls.hear({ kind: 'question', call: 1, question: 5, name: 'confirm', args: [['a', 'b', 'c', 'd'], 'mara'] })
  await expect.poll(() => told.at(-1)).toEqual({ kind: 'answer', question: 5, value: true })
  calls.hear({ kind: 'result', call: 1, value: 'linked' })
  expect(await linking).toBe('linked')
})

test('a question that nobody can answer fails the call and is answered with a refusal', async () => {
  const { told, calls } = started()
  const cause = new RangeError('the dialog broke')
  const linking = calls.call('link', [], { confirm: () => Promise.reject(cause) })
  calls.hear({ kind: 'question', call: 1, question: 1, name: 'confirm', args: [] })
  await expect(linking).rejects.toBe(cause)
  expect(told.at(-1)).toEqual({ kind: 'answer', question: 1, value: undefined })
})

test('listeners hear every event until they stop', () => {
  const { calls } = started()
  const heard: unknown[] = []
  const stop = calls.on((event) => heard.push(event))
  calls.hear({ kind: 'event', event: { event: 'state', connected: true } })
  stop()
  calls.hear({ kind: 'event', event: { event: 'state', connected: false } })
  expect(heard).toEqual([{ event: 'state', connected: true }])
})

test('when the worker is gone, what waits fails and nothing more is asked', async () => {
  const { told, calls } = started()
  const waiting = calls.call('sync', [])
  calls.end('the worker is gone')
  await expect(waiting).rejects.toEqual(new WorkerFault('the worker is gone'))
  await expect(calls.call('chats', [])).rejects.toBeInstanceOf(WorkerFault)
  expect(told).toHaveLength(1)
})
