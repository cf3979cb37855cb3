import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { collectGarbage, IdleMemory } from './idle-memory.ts'

const MiB = 2 ** 20
const quiet = (mebibytes: number) => ({ busy: 0.01, heapBytes: mebibytes * MiB })
const busy = (mebibytes: number) => ({ busy: 0.2, heapBytes: mebibytes * MiB })
const looks = (memory: IdleMemory, ...all: readonly ReturnType<typeof quiet>[]) => all.map((look) => memory.due(look))

test('after a crowd has come in and fallen silent, its garbage is collected once', () => {
  const memory = new IdleMemory()
  expect(looks(memory, quiet(20), busy(60), busy(60), quiet(60), quiet(60))).toEqual([false, false, false, false, true])
  memory.swept(40 * MiB)
  expect(looks(memory, quiet(40), quiet(41), quiet(42))).toEqual([false, false, false])
})

test('while messages come, nothing is collected', () => {
  const memory = new IdleMemory()
  expect(looks(memory, quiet(20), quiet(60), busy(60), quiet(60), busy(60), quiet(60))).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
  ])
})

test('a heap that would take long to sweep is left to the engine', () => {
  expect(looks(new IdleMemory(), quiet(20), quiet(300), quiet(300))).toEqual([false, false, false])
})

test('what nobody holds any more is gone afterwards', async () => {
  const held = new WeakRef({ bytes: new Uint8Array(1000) })
  await turn()
  collectGarbage()
  expect(held.deref()).toBeUndefined()
})
