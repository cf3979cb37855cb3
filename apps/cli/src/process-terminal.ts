import type { createInterface, Interface } from 'node:readline'
import type { Terminal } from './terminal.ts'

/** This process's own streams. `close` lets the process end. */
export interface ProcessTerminal extends Terminal {
  /** Resolves when everything written has left. */
  close(): Promise<void>
}

export function processTerminal(): ProcessTerminal {
  const stop = new AbortController()
  let reader: LineReader | undefined

  let interrupted = false
  const interrupt = () => {
    if (interrupted) process.exit(130)
    interrupted = true
    stop.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.on('SIGHUP', interrupt)
  // A reader that has had enough (`| head`) is no fault; there is only nobody left to write for.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort())

  const write = (stream: NodeJS.WriteStream, text: string) => {
    if (!stream.destroyed) stream.write(text)
  }
  const isTty = process.stdout.isTTY === true
  return {
    traits: {
      colour: isTty && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
      columns: isTty ? process.stdout.columns : 100,
      interactive: isTty && process.stdin.isTTY === true,
    },
    out: (text) => write(process.stdout, text),
    err: (text) => write(process.stderr, text),
    async ask(question) {
      write(process.stdout, question)
      const { createInterface } = await import('node:readline')
      reader ??= readLines(createInterface, stop.signal, interrupt)
      return await reader.next()
    },
    stopped: stop.signal,
    async close() {
      reader?.close()
      await Promise.all([process.stdout, process.stderr].map(flushed))
    },
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.destroyed || stream.writableLength === 0) return done()
    stream.write('', () => done())
  })
}

interface LineReader {
  next(): Promise<string | undefined>
  close(): void
}

/** Lines that come before they are asked for wait; after the end of input every question is left unanswered. */
function readLines(create: typeof createInterface, stopped: AbortSignal, interrupt: () => void): LineReader {
  const lines: Interface = create({ input: process.stdin, terminal: false })
  const waiting: ((line: string | undefined) => void)[] = []
  const early: string[] = []
  let ended = false
  const end = () => {
    ended = true
    for (const answer of waiting.splice(0)) answer(undefined)
  }
  lines.on('line', (line) => {
    const answer = waiting.shift()
    if (answer === undefined) early.push(line)
    else answer(line)
  })
  lines.on('close', end)
  lines.on('SIGINT', interrupt)
  stopped.addEventListener('abort', end)
  return {
    next: () =>
      new Promise((answer) => {
        const line = early.shift()
        if (line !== undefined) answer(line)
        else if (ended) answer(undefined)
        else waiting.push(answer)
      }),
    close: () => {
      lines.close()
      process.stdin.unref()
    },
  }
}
