/** A failure of the command line itself, before or beside the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: 'usage' | 'interrupted'
  constructor(code: 'usage' | 'interrupted', sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** With `--json` nobody is asked anything; what would be asked is answered by `--yes` (docs/cli.md). */
export function needsYes(what: string): Refusal {
  return new Refusal('usage', `${what} Add --yes to answer yes beforehand.`)
}
