import type { Clock } from './ports.ts'

/** Whole milliseconds that only ever grow, also when somebody sets the machine's clock; says nothing about what time it is. */
export function steady(clock: Clock): number {
  return Math.trunc(clock.steady?.() ?? clock.now())
}
