import { expect, test } from 'vitest'
import { comeAndGo } from './histories/comings.ts'

/** `npm run soak -- --only comings --seed N` plays any other. */
test.each([5, 6, 7])(
  'people and devices come and go, and whoever is there sees what the others see (%i)',
  { timeout: 90_000 },
  async (seed) => {
    const { texts } = await comeAndGo(seed)
    expect(texts).toBeGreaterThan(3)
  },
)
