import { type Paint, paintFor } from './show/paint.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** What a command says: each thing once for scripts and once for people. */
export interface Screen {
  readonly json: boolean
  readonly paint: Paint
  readonly columns: number
  /** Somebody sits there, who can answer. */
  readonly interactive: boolean
  readonly stopped: AbortSignal
  /** One line of JSON, or what people are shown in its place. */
  tell(object: object, lines: () => string): void
  ask(question: string): Promise<string | undefined>
}

export function makeScreen(terminal: Terminal, settings: Settings): Screen {
  return {
    json: settings.json,
    paint: paintFor(terminal.traits.colour),
    columns: terminal.traits.columns,
    interactive: terminal.traits.interactive,
    stopped: terminal.stopped,
    tell(object, lines) {
      // Whoever was told has gone, or wants to hear no more.
      if (terminal.stopped.aborted) return
      terminal.out(`${settings.json ? JSON.stringify(object) : lines()}\n`)
    },
    ask: (question) => terminal.ask(question),
  }
}
