/**
 * How a property is run: with a fixed seed and few runs in `npm test`; the soak sets another seed and a factor.
 *
 * `QUINTET_FUZZ_SEED` and `QUINTET_FUZZ_FACTOR` replay what a soak found.
 */
export function runs(few: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env['QUINTET_FUZZ_SEED'] ?? 20_261_123)
  return { seed, numRuns: Math.ceil(few * Number(process.env['QUINTET_FUZZ_FACTOR'] ?? 1)) }
}

/** Counts how tries ended, so that a property that is never put to the test does not pass for one that holds. */
export class Outcomes {
  private readonly counts = new Map<string, number>()

  note(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1)
  }

  count(outcome: string): number {
    return this.counts.get(outcome) ?? 0
  }

  /** The names of all outcomes, sorted. */
  get names(): readonly string[] {
    return [...this.counts.keys()].sort()
  }
}
