import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const started = new Set<ChildProcess>()

/** `npm start -- …` as a person runs it, what it has said, its first line on stdout and its exit code. */
export function npmStart(...args: readonly string[]) {
  const child = spawn('npm', ['start', '--', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (data: Buffer) => {
    said.out += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    said.err += data.toString()
  })
  const firstLine = once(createInterface(child.stdout), 'line').then(([line]) => String(line))
  const ended = once(child, 'close').then(([code]) => Number(code))
  return { child, said, firstLine, ended }
}

/** Ends whatever a test has left running. */
export function killStarted(): void {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
}
