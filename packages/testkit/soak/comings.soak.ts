import type { Soak } from '../../../scripts/soak/soak.ts'
import { comeAndGo } from '../test/histories/comings.ts'

export const soak: Soak = {
  name: 'comings',
  about: 'people and devices come and go while everybody writes and connections break',
  rounds: 100,
  async round(seed) {
    return { ...(await comeAndGo(seed)) }
  },
}
