import type { Figure } from '../../../scripts/bench/bench.ts'

export type Target = 'relay' | 'floor'
export const targets: readonly Target[] = ['relay', 'floor']

const round = (value: number): number => (value < 100 ? Math.round(value * 100) / 100 : Math.round(value))

/** The median of several runs, with the least and the most of them. */
export function figure(name: string, values: readonly number[], unit: string, detail: Figure['detail'] = {}): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    name,
    value: round(medianOf(sorted)),
    unit,
    detail: { runs: sorted.length, min: round(sorted[0] ?? 0), max: round(sorted.at(-1) ?? 0), ...detail },
  }
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
