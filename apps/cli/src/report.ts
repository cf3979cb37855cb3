import type { Terminal } from './terminal.ts'

/** How a command ended badly. */
export interface Failure {
  readonly code: string
  /** A sentence that says what to do next. */
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
  /** Further lines for people only. */
  readonly lines: readonly string[]
  readonly stack: string | undefined
}

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Tells the failure on stderr, as one JSON line or as sentences, and answers the exit code. */
export function report(
  terminal: Terminal,
  failure: Failure,
  how: { readonly json: boolean; readonly debug: boolean },
): number {
  if (how.json) {
    terminal.err(`${JSON.stringify({ error: failure.code, message: failure.message, ...failure.details })}\n`)
  } else {
    terminal.err(`${[failure.message, ...failure.lines].join('\n')}\n`)
  }
  if (how.debug && failure.stack !== undefined) terminal.err(`${failure.stack}\n`)
  return failure.code === 'usage' ? exitCodes.usage : exitCodes.failed
}

/** A failure that nobody expected: one sentence, and the stack only for whoever asks for it. */
export function unexpected(error: unknown): Failure {
  return {
    code: 'internal',
    message: 'Something went wrong that should not have. Nothing that was confirmed is lost. Add --debug to see where.',
    details: {},
    lines: [],
    stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }
}
