import type { Soak } from '../../../scripts/soak/soak.ts'
import { playKills } from '../test/kills/round.ts'

export const soak: Soak = {
  name: 'relay-kills',
  about: 'the relay is killed at work, started again, and must stand where it said it stood',
  rounds: 100,
  round: (seed) => playKills(seed, 3),
}
