/** What a command of the owner prints with: sentences and tables for people, or one JSON object per line. */
export class OwnerTerminal {
  private readonly json: boolean
  private readonly write: (text: string) => void

  constructor(json: boolean, write: (text: string) => void) {
    this.json = json
    this.write = write
  }

  /** One result: the sentence, or its fields. */
  say(sentence: string, fields: Readonly<Record<string, unknown>>): void {
    this.write(this.json ? `${JSON.stringify(fields)}\n` : `${sentence}\n`)
  }

  /** Many of one kind: a table with the columns in order, or a line each. */
  list(rows: readonly Readonly<Record<string, string | number | boolean>>[], whenNone: string): void {
    if (this.json) {
      for (const row of rows) this.write(`${JSON.stringify(row)}\n`)
      return
    }
    const columns = Object.keys(rows[0] ?? {})
    if (rows.length === 0) {
      this.write(`${whenNone}\n`)
      return
    }
    const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))]
    const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)))
    for (const line of lines) {
      this.write(
        `${line
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
      )
    }
  }
}

/** A refusal of an owner's command: exit 1. */
export class OwnerError extends Error {
  override readonly name = 'OwnerError'
  readonly code: string
  constructor(code: string, sentence: string) {
    super(sentence)
    this.code = code
  }
}
