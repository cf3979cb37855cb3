import type { Soak } from '../../../scripts/soak/soak.ts'
import { playSeed } from '../test/histories/story.ts'

export const soak: Soak = {
  name: 'histories',
  about:
    'random lives of a group, looked at after every step: one epoch, one tree, everything read once, nothing by those who are out',
  rounds: 1000,
  round: playSeed,
}
