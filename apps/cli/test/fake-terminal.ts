import type { Client } from '@quintet/client-node'
import { execute } from '../src/execute.ts'
import { report } from '../src/report.ts'
import type { Terminal } from '../src/terminal.ts'
import { parse } from '../src/usage/parse.ts'

export interface FakeTerminal extends Terminal {
  readonly text: { out: string; err: string }
  /** Ctrl-C. */
  stop(): void
}

/** A terminal whose reader gives these answers, then none. */
export function fakeTerminal(answers: readonly string[] = [], traits: Partial<Terminal['traits']> = {}): FakeTerminal {
  const text = { out: '', err: '' }
  const left = [...answers]
  const stopping = new AbortController()
  return {
    traits: { colour: false, columns: 100, interactive: false, ...traits },
    text,
    out(part) {
      text.out += part
    },
    err(part) {
      text.err += part
    },
    ask: (question) => {
      text.out += `${question}\n`
      return Promise.resolve(left.shift())
    },
    stopped: stopping.signal,
    stop: () => stopping.abort(),
  }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  /** stdout, each line parsed. */
  readonly lines: readonly unknown[]
}

/** Carries a command line out on this client. */
export async function runOn(client: Client, argv: readonly string[], terminal = fakeTerminal()): Promise<Ran> {
  const parsed = parse(argv, terminal.traits.columns)
  let code: number
  if (parsed.kind === 'task') code = await execute(client, parsed.task, parsed.settings, terminal)
  else if (parsed.kind === 'usage')
    code = report(
      terminal,
      { code: 'usage', message: parsed.message, details: {}, lines: [], stack: undefined },
      { json: parsed.json, debug: false },
    )
  else code = 0
  const { out, err } = terminal.text
  const lines = argv.includes('--json')
    ? out
        .split('\n')
        .slice(0, -1)
        .map((line): unknown => JSON.parse(line))
    : []
  return { code, out, err, lines }
}
