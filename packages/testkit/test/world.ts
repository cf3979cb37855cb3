import { createWorld as open, type World, type WorldOptions } from '@quintet/testkit'
import { onTestFailed } from 'vitest'

/** A world whose seed and last frames are told when the story fails; QUINTET_SEED tells it again. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const given = process.env['QUINTET_SEED']
  const world = await open({ ...(given !== undefined && { seed: Number(given) }), ...options })
  onTestFailed(() => {
    console.error(
      `the seed of this world: QUINTET_SEED=${world.seed}; its last frames:\n${world.network.trace.join('\n')}`,
    )
  })
  return world
}
