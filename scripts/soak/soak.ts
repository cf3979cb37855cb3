/** What was counted in a round: kills, messages, frames. Summed over the rounds of a part in the summary. */
export type Counters = Readonly<Record<string, number>>

/** What a `*.soak.ts` in the `soak` folder of a package or app exports under the name `soak`. */
export interface Soak {
  /** Unique, kebab-case: what `--only` takes. */
  readonly name: string
  /** What is done to what, in a line. */
  readonly about: string
  /** How many rounds a complete run has. */
  readonly rounds: number
  /**
   * Plays one round. Everything random in it comes from `seed`, so that the same seed plays the same round.
   * Rejects when a promise is broken; the error's text says which.
   */
  round(seed: number): Promise<Counters>
}
