/** The options that stand anywhere, on every command. */
export interface Settings {
  readonly profile: string
  readonly relay: string | undefined
  readonly json: boolean
  /** How long to try for the relay, ms. */
  readonly waitMs: number
  /** False with `--no-queue`: what cannot go out now is taken back. */
  readonly queue: boolean
  /** Every question is answered with yes. */
  readonly yes: boolean
  readonly debug: boolean
}
