import type { Soak } from '../../../scripts/soak/soak.ts'
import { live } from '../test/histories/lives.ts'

export const soak: Soak = {
  name: 'lives',
  about: 'three people, six devices, and everything that can happen to them',
  rounds: 100,
  async round(seed) {
    return { ...(await live(seed)) }
  },
}
