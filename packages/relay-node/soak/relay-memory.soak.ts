import type { Soak } from '../../../scripts/soak/soak.ts'
import { playMemory } from '../test/memory/round.ts'

export const soak: Soak = {
  name: 'relay-memory',
  about: 'a relay is kept busy for 36,000 messages a round, and its memory after a collection must stay flat',
  rounds: 5,
  round: (seed) => playMemory(seed, { stretches: 18, messages: 2000 }),
}
