import type { Figure } from '../../../scripts/bench/bench.ts'

/** Where the bench is only tried out: its figures say little then. */
export const isShort = process.env['QUINTET_BENCH'] === 'short'

/** Processor time of this process so far, all its clients together, ms: says something on a busy machine too. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const round = (value: number) => Math.round(value * 100) / 100

/** The median of several values, with their spread. */
export function medianOf(
  name: string,
  unit: string,
  values: readonly number[],
  more: Readonly<Record<string, number | string>> = {},
): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
  const others = Object.entries(more).map(([key, one]) => [key, typeof one === 'number' ? round(one) : one] as const)
  const detail = { runs: values.length, min: at(0), p99: at(0.99), max: at(1), ...Object.fromEntries(others) }
  return { name, value: at(0.5), unit, detail }
}
