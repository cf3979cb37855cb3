import type { Soak } from '../../../scripts/soak/soak.ts'
import { drawDeath, play } from '../test/kill-points/choose.ts'

export const soak: Soak = {
  name: 'client-kills',
  about: 'a device is killed at a transaction or frame of what people do with it',
  rounds: 250,
  async round(seed) {
    const death = await drawDeath(seed)
    const died = await play(death)
    return { kills: died ? 1 : 0 }
  },
}
