import type { Random } from '../ports.ts'

const firstMs = 500
const lastMs = 30_000

/**
 * How long to wait before connecting again after `failures` failures in a row: 0.5 s doubling to 30 s.
 *
 * Half of it is chance, so that the devices of a relay that restarts do not come back in one wave.
 */
export function backoffMs(failures: number, random: Random): number {
  const whole = Math.min(lastMs, firstMs * 2 ** Math.min(failures, 16))
  const [high = 0, low = 0] = random.bytes(2)
  return Math.round(whole / 2 + ((high * 256 + low) / 65_536) * (whole / 2))
}
