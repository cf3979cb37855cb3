import fc from 'fast-check'
import { describe, test } from 'vitest'
import { History, steps } from './roster/history.ts'

const step = fc.tuple(fc.constantFrom(...steps), fc.nat(1000))

/** fast-check tells seed and path of a history that breaks; QUINTET_FUZZ_HISTORIES asks for more of them. */
const asked = Number(process.env['QUINTET_FUZZ_HISTORIES'] ?? 0)

describe.each([
  { suite: 'base', runs: 12 },
  { suite: 'hybrid', runs: 4 },
] as const)('random histories of a chat in the $suite suite', ({ suite, runs }) => {
  test('the relay’s roster is the tree, whatever the members do', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (story) => {
        const history = await History.begin(suite)
        for (const one of story) await history.do(one)
      }),
      { numRuns: asked || runs, endOnFailure: true },
    )
  })
})
