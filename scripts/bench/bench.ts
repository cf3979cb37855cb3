/** One measured value. `detail` says how it came about: runs, spread, processor time. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly detail: Readonly<Record<string, number | string>>
}

/** What a `*.bench.ts` in the `bench` folder of a package or app exports under the name `bench`. */
export interface Bench {
  /** The names of all figures that it can make. */
  readonly figures: readonly string[]
  /** Makes those that are wanted, and whatever world they need, which is gone when the last one is told. */
  measure(wanted: ReadonlySet<string>): AsyncIterable<Figure>
}
