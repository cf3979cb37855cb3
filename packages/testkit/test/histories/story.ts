import fc from 'fast-check'
import { play, type Story } from './history.ts'
import type { Counts } from './stage.ts'
import type { DeedName } from './steps.ts'

/** How many steps a history has. */
const length = 30

/** How often each comes, beside the others; `nothing` first, as what a step shrinks to. */
const weights: readonly (readonly [DeedName, number])[] = [
  ['nothing', 0],
  ['talk', 8],
  ['all talk', 4],
  ['note', 1],
  ['add one', 5],
  ['add two', 3],
  ['remove', 5],
  ['update', 4],
  ['race', 4],
  ['swap', 3],
  ['admin', 3],
  ['leave', 3],
  ['link', 2],
  ['link in a race', 2],
  ['unlink', 2],
  ['unlink two', 1],
  ['damage', 2],
  ['back in time', 1],
  ['away', 4],
  ['restart', 2],
  ['crash', 3],
  ['successor', 1],
  ['write to each other', 2],
  ['restart the relay', 1],
]

const step = fc.tuple(
  fc.oneof({ withCrossShrink: true }, ...weights.map(([deed, weight]) => ({ arbitrary: fc.constant(deed), weight }))),
  fc.noShrink(fc.nat(99_999)),
)

const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.noShrink(fc.nat()),
  suite: fc.oneof(
    { weight: 3, arbitrary: fc.constant('base' as const) },
    { weight: 1, arbitrary: fc.constant('hybrid' as const) },
  ),
  steps: fc.array(step, { minLength: length, maxLength: length, size: 'max' }),
})

/** The history of a seed. */
function storyOf(seed: number): Story {
  const [story] = fc.sample(stories, { seed, numRuns: 1 })
  if (story === undefined) throw new Error('fast-check draws one')
  return story
}

/** Plays the history of a seed; when it breaks, the error tells the steps. */
export async function playSeed(seed: number): Promise<Counts> {
  const story = storyOf(seed)
  try {
    return await play(story)
  } catch (error) {
    if (error instanceof Error) {
      const steps = story.steps.map(([name, chance], at) => `${at + 1} ${name} ${chance}`).join(', ')
      error.message = `history ${seed} (${story.suite}) ${error.message}\nits steps: ${steps}`
    }
    throw error
  }
}
