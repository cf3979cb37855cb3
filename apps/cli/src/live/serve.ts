import { chmodSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Terminal, TerminalTraits } from '../terminal.ts'
import { onLines, sendLine } from './lines.ts'
import { clearSocketPath, prepareSocketPath } from './place.ts'
import { liveVersion, parseToListener, type ToListener } from './protocol.ts'

/** Runs a command for a terminal that is elsewhere; answers the exit code. */
export type RunFor = (argv: readonly string[], terminal: Terminal) => Promise<number>

export interface Server {
  /** Takes no more. Who has an answer gets it; whoever still waits for one is cut off. */
  close(): Promise<void>
}

/** Takes commands on the profile's socket, for its owner alone. Whoever calls owns the profile. */
export async function serve(dir: string, run: RunFor): Promise<Server> {
  const path = prepareSocketPath(dir)
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => undefined)
    take(socket, run)
  })
  // The socket file must not be there for a moment with more rights than it keeps.
  const before = process.umask(0o177)
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed)
      server.listen(path, listening)
    })
  } finally {
    process.umask(before)
  }
  chmodSync(path, 0o600)
  return {
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      // What has just been done (a sign-out, which ends this listener) answers within this turn.
      await new Promise((turn) => setImmediate(turn))
      // `end` lets the last line out first; a caller that does not close its side is not waited for.
      for (const socket of open) socket.end(() => socket.destroy())
      await closed
      clearSocketPath(dir)
    },
  }
}

function take(socket: Socket, run: RunFor): void {
  const answers: ((answer: string | undefined) => void)[] = []
  let begun = false
  const gone = new AbortController()
  socket.on('close', () => {
    gone.abort()
    for (const answer of answers.splice(0)) answer(undefined)
  })
  const begin = (line: Extract<ToListener, { argv: unknown }>) => {
    begun = true
    const terminal = terminalOver(socket, line.traits, gone.signal, answers)
    void run(line.argv, terminal).then((exit) => {
      sendLine(socket, { exit })
      socket.end()
    })
  }
  onLines(socket, (value) => {
    const line = parseToListener(value)
    if (line === undefined) socket.destroy()
    else if ('answer' in line) answers.shift()?.(line.answer ?? undefined)
    else if (begun) socket.destroy()
    else begin(line)
  })
  sendLine(socket, { ready: liveVersion })
}

function terminalOver(
  socket: Socket,
  traits: TerminalTraits,
  stopped: AbortSignal,
  answers: ((answer: string | undefined) => void)[],
): Terminal {
  return {
    traits,
    stopped,
    out: (text) => sendLine(socket, { out: text }),
    err: (text) => sendLine(socket, { err: text }),
    ask: (question) =>
      new Promise((answer) => {
        if (stopped.aborted) return answer(undefined)
        answers.push(answer)
        sendLine(socket, { ask: question })
      }),
  }
}
