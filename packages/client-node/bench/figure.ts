import type { Figure } from '../../../scripts/bench/bench.ts'

/** Where the bench is only tried out: its figures say little then. */
export const isShort = process.env['QUINTET_BENCH'] === 'short'

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
  const detail = { runs: values.length, min: at(0), p99: at(0.99), max: at(1), ...more }
  return { name, value: at(0.5), unit, detail }
}
