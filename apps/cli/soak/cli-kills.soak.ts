import type { Soak } from '../../../scripts/soak/soak.ts'
import { killCommands } from '../test/faults/kills.ts'
import { createWorld } from '../test/harness.ts'

const killsInARound = 8

export const soak: Soak = {
  name: 'cli-kills',
  about: 'kill -9 of send, listen and link at random moments',
  rounds: 30,
  async round(seed) {
    await using world = await createWorld()
    return { ...(await killCommands(world, seed, killsInARound)) }
  },
}
