import { expect, test } from 'vitest'
import { playSeed } from './story.ts'

/** So many in each of the files that `npm test` plays beside each other; `npm run soak -- --only histories` plays thousands. */
const each = 50

/** The histories of one file. One that breaks is told again by `npm run soak -- --only histories --seed N`. */
export function some(file: number): void {
  const seeds = Array.from({ length: each }, (_, n) => (file - 1) * each + n + 1)
  test.each(seeds)(
    'whatever happens to a group, all who are in share each epoch and read everything once, and nobody else reads on (%i)',
    { timeout: 120_000 },
    async (seed) => {
      const counts = await playSeed(seed)
      expect(counts['compared']).toBeGreaterThan(0)
    },
  )
}
