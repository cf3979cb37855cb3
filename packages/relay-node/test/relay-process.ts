import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url))

export interface ProcessOptions {
  readonly port?: number
  /** What stands before the arguments of Node, such as `env --ignore-signal=XFSZ`. */
  readonly under?: readonly string[]
  /** Node's own options. */
  readonly node?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Hears each line that it says beside its url. */
  readonly onLine?: (line: string) => void
}

/** How a relay that did not start took its leave. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly said: string
}

/** A relay in a process of its own, as `npm start` runs it, from source. */
export class RelayProcess {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** When it ends, in whatever way. */
  readonly ended: Promise<Ended>

  private constructor(child: ChildProcess, url: string, ended: Promise<Ended>) {
    this.child = child
    this.url = url
    this.port = Number(new URL(url).port)
    this.ended = ended
  }

  /** Resolves when it listens; with how it ended, when it does not. */
  static async launch(folder: string, options: ProcessOptions = {}): Promise<RelayProcess | Ended> {
    const { port = 0, under = [], node = [], env = {}, onLine = () => undefined } = options
    const command = [...under, process.execPath, ...node, main]
    const [program = '', ...rest] = [...command, '--data', folder, '--port', String(port), '--json']
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    createInterface({ input: child.stderr }).on('line', onLine)
    const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, said }))
    const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text))
    const first = await Promise.race([line, ended])
    return typeof first === 'string' ? new RelayProcess(child, parseUrl(first), ended) : first
  }

  static async start(folder: string, options: ProcessOptions = {}): Promise<RelayProcess> {
    const launched = await RelayProcess.launch(folder, options)
    if (launched instanceof RelayProcess) return launched
    throw new Error(`the relay did not start: exit ${launched.code ?? launched.signal}, ${launched.said}`)
  }

  /** The power goes out. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** As its owner ends it. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM')
    return this.ended
  }
}

function parseUrl(line: string): string {
  const { url } = JSON.parse(line) as { readonly url: string }
  return url
}
