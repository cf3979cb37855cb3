/** Where a command reads and writes: this process's own streams, or those of one that came through the socket. */
export interface Terminal {
  readonly traits: TerminalTraits
  out(text: string): void
  err(text: string): void
  /** One line from whoever sits there; undefined when nobody answers any more. */
  ask(question: string): Promise<string | undefined>
  /** Ctrl-C, or the reader has gone. */
  readonly stopped: AbortSignal
}

export interface TerminalTraits {
  readonly colour: boolean
  readonly columns: number
  /** Somebody sits there, who can answer. */
  readonly interactive: boolean
}
