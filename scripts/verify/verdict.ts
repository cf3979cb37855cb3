/** One check of the gate. Its output is shown only when it fails. */
export interface Check {
  readonly name: string
  run(): Promise<Verdict>
}

export interface Verdict {
  readonly ok: boolean
  readonly output: string
}

/** Passed when nothing was found; else one finding a line. */
export function verdictOf(findings: readonly string[]): Verdict {
  return { ok: findings.length === 0, output: findings.join('\n') }
}
