import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect } from 'vitest'
import { fieldsChanged, hostile } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { silentObserver } from '../src/ports/runtime.ts'
import type { RelayStore } from '../src/ports/store.ts'
import { garbageStage, TestWorld, unlimited } from '../src/testing/index.ts'

const sha256 = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

/** The same bytes every time, for a seed. */
function seededBytes(seed: number): (length: number) => Uint8Array {
  let count = 0
  return (length) => {
    const parts: Uint8Array[] = []
    for (let bytes = 0; bytes < length; bytes += 32) parts.push(sha256(`${seed} ${count++}`))
    return new Uint8Array(Buffer.concat(parts).subarray(0, length))
  }
}

/** A relay over that store is sent garbage by a stranger and by a member of a chat; answers how it took each. */
export async function playGarbage(store: RelayStore, few: number): Promise<Outcomes> {
  const outcomes = new Outcomes()
  const faults: unknown[] = []
  const observer = {
    ...silentObserver,
    answered: (call: string, outcome: string) => outcomes.note(`${call} ${outcome}`),
    fault: (what: string, error: unknown) => faults.push([what, error]),
  }
  const { seed, numRuns } = runs(few)
  const world = await TestWorld.create(store, { random: seededBytes(seed), sha256 }, unlimited, observer)
  const stage = await garbageStage(world)
  // Most are requests whose own fields are wrong; a few are not even frames.
  const frames = fc.oneof(
    { weight: 1, arbitrary: hostile(stage.frames) },
    { weight: 4, arbitrary: fieldsChanged(stage.frames, 2) },
  )
  const signedIn = fc.nat(3).map((one) => one > 0)
  await fc.assert(
    fc.asyncProperty(frames, signedIn, async (bytes, inside) => {
      await stage.send(bytes, inside)
      // No request makes the relay fail; what it refuses, it refuses for what it is.
      expect(faults).toEqual([])
      await stage.talk()
    }),
    { seed, numRuns },
  )
  world.clock.pass(10_000)
  await world.relay.close()
  expect(faults).toEqual([])
  return outcomes
}
