import { createWorld as open, type World, type WorldOptions } from '@quintet/testkit'
import { expect, onTestFailed } from 'vitest'

/**
 * A world whose seed and last frames are told when the story fails. The seed follows from the test's name, so that a story
 * goes the same way each time; QUINTET_SEED tells it another way, `random` each time another.
 */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const world = await open({ ...seedOf(process.env['QUINTET_SEED']), ...options })
  onTestFailed(() => {
    console.error(
      `the seed of this world: QUINTET_SEED=${world.seed}; its last frames:\n${world.network.trace.join('\n')}`,
    )
  })
  return world
}

function seedOf(given: string | undefined): { readonly seed?: number } {
  if (given === 'random') return {}
  if (given !== undefined) return { seed: Number(given) }
  let seed = 0
  for (const char of expect.getState().currentTestName ?? '') seed = (seed * 31 + (char.codePointAt(0) ?? 0)) % 2 ** 31
  return { seed }
}
