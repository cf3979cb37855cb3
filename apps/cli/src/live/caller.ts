import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { onLines, sendLine } from './lines.ts'
import { socketPath } from './place.ts'
import { liveVersion, parseToCaller, type ToCaller } from './protocol.ts'

/** How long a listening process may take to say that it is there, ms; it may be in the middle of something. */
const readyWithinMs = 5_000

/** A listening process that takes a command. */
export interface Listener {
  readonly version: number
  /** Runs it there; whatever it says and asks comes through this terminal. Answers the exit code. */
  run(
    argv: readonly string[],
    terminal: Terminal,
    how: { readonly json: boolean; readonly debug: boolean },
  ): Promise<number>
}

/** The process that listens on this profile; undefined when there is none. A socket left by one that was killed is none. */
export function findListener(dir: string): Promise<Listener | undefined> {
  const path = socketPath(dir)
  if (path === undefined || !existsSync(path)) return Promise.resolve(undefined)
  return new Promise((found) => {
    const socket = connect(path)
    let take: (line: ToCaller) => void = (line) => {
      if (!('ready' in line)) return
      clearTimeout(patience)
      found({
        version: line.ready,
        run: (argv, terminal, how) => runThrough(socket, argv, terminal, how, (next) => (take = next)),
      })
    }
    const patience = setTimeout(() => socket.destroy(), readyWithinMs)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(patience)
      found(undefined)
    })
    onLines(socket, (value) => {
      const line = parseToCaller(value)
      if (line !== undefined) take(line)
    })
  })
}

function runThrough(
  socket: Socket,
  argv: readonly string[],
  terminal: Terminal,
  how: { readonly json: boolean; readonly debug: boolean },
  listen: (take: (line: ToCaller) => void) => void,
): Promise<number> {
  return new Promise((done) => {
    const end = (code: number) => {
      socket.destroy()
      done(code)
    }
    listen((line) => {
      if ('out' in line) terminal.out(line.out)
      else if ('err' in line) terminal.err(line.err)
      else if ('ask' in line) {
        void terminal.ask(line.ask).then((answer) => sendLine(socket, { answer: answer ?? null }))
      } else if ('exit' in line) end(line.exit)
    })
    socket.on('close', () => {
      const message = 'The listening process ended before it was done. Run the command again: nothing is sent twice.'
      if (!terminal.stopped.aborted) {
        done(report(terminal, { code: 'interrupted', message, details: {}, lines: [], stack: undefined }, how))
      }
    })
    const stop = () => end(130)
    terminal.stopped.addEventListener('abort', stop)
    if (terminal.stopped.aborted) return stop()
    sendLine(socket, { argv, traits: terminal.traits, version: liveVersion })
  })
}
