import type { Clock } from './ports.ts'

/** Milliseconds that only ever grow, also when somebody sets the machine's clock; says nothing about what time it is. */
export function steady(clock: Clock): number {
  return clock.steady?.() ?? clock.now()
}
