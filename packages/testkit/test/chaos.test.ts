import { expect, test } from 'vitest'
import { live } from './histories/lives.ts'

/** `npm run soak -- --only lives --seed N` plays any other. */
test.each([11, 23, 37, 41])(
  'whatever happens, in the end all show the same, each text once, each device in its own order (%i)',
  { timeout: 90_000 },
  async (seed) => {
    const { texts } = await live(seed)
    expect(texts).toBeGreaterThan(5)
  },
)
