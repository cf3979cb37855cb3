import type { Bench, Figure } from '../../../scripts/bench/bench.ts'
import { type Measured, measureLink } from './link/measure.ts'

const sizes = [10, 300]
const runs = 3

/** How long a new device takes until it is of use, and what it costs the others. */
export const bench: Bench = {
  figures: sizes.flatMap((size) => [
    `link.newest_usable_ms.${size}`,
    `link.all_ms.${size}`,
    `link.sibling_cpu_ms.${size}`,
    `recover.newest_usable_ms.${size}`,
    `recover.all_ms.${size}`,
  ]),
  async *measure(wanted) {
    for (const size of sizes) {
      yield* figuresOf('link', 'link', size, wanted)
      yield* figuresOf('recover', 'kit', size, wanted)
    }
  },
}

async function* figuresOf(
  name: string,
  by: 'link' | 'kit',
  size: number,
  wanted: ReadonlySet<string>,
): AsyncIterable<Figure> {
  const makes: readonly (readonly [string, (one: Measured) => number])[] = [
    [`${name}.newest_usable_ms.${size}`, (one) => one.usableMs],
    [`${name}.all_ms.${size}`, (one) => one.allMs],
    [`${name}.sibling_cpu_ms.${size}`, (one) => one.siblingMs],
  ]
  const asked = makes.filter(([figure]) => wanted.has(figure))
  if (asked.length === 0) return
  const all: Measured[] = []
  for (let run = 0; run < runs; run++) all.push(await measureLink(size, by))
  for (const [figure, pick] of asked) {
    const values = all.map(pick).toSorted((a, b) => a - b)
    const detail = {
      runs,
      min: Math.round(values[0] ?? 0),
      max: Math.round(values.at(-1) ?? 0),
      in_account: Math.round(median(all.map((one) => one.inMs))),
      cpu: Math.round(median(all.map((one) => one.cpuMs))),
    }
    yield { name: figure, value: Math.round(median(values)), unit: 'ms', detail }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
