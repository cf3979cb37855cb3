/** Real processes: a relay, and devices that are nothing but a profile folder and the commands run on it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const cli = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const server = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))

/** One line of JSON; a field that is not there is `undefined`, and the expectation fails on it. */
export type Line = Readonly<Record<string, unknown>>

interface Ended {
  readonly code: number | null
  readonly lines: readonly Line[]
  readonly stderr: string
}

/** A command that is still running. */
interface Running {
  /** The first line, past or to come, that fits. */
  line(fits: (line: Line) => boolean): Promise<Line>
  write(text: string): void
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

function parseLine(text: string): Line {
  return JSON.parse(text) as Line
}

function follow(child: ChildProcessWithoutNullStreams, isJson: boolean): Running {
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((part) => (isJson ? parseLine(part) : { text: part })))
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  let isOver = false
  const ended = once(child, 'close').then(([code]: unknown[]): Ended => {
    isOver = true
    for (const look of waiting) look()
    return { code: typeof code === 'number' ? code : null, lines, stderr }
  })
  return {
    ended,
    write: (text) => child.stdin.write(text),
    signal: (name) => child.kill(name),
    line: (fits) =>
      new Promise((found, failed) => {
        const look = () => {
          const line = lines.find(fits)
          if (line === undefined && !isOver) return
          waiting.delete(look)
          if (line === undefined)
            failed(new TypeError(`it ended without that line: ${JSON.stringify(lines)} ${stderr}`))
          else found(line)
        }
        waiting.add(look)
        look()
      }),
  }
}

export interface Device {
  readonly profile: string
  /** Runs `quintet … --json` to its end. */
  run(...argv: readonly string[]): Promise<Ended>
  /** As `run`, and it must end well; answers its lines. */
  ok(...argv: readonly string[]): Promise<readonly Line[]>
  /** As `ok`, for a command that prints one line. */
  one(...argv: readonly string[]): Promise<Line>
  /** Must end with exit 1 and this code; answers the error line. */
  refused(code: string, ...argv: readonly string[]): Promise<Line>
  /** Without `--json`; lines are `{text}`. */
  startPlain(...argv: readonly string[]): Running
  /** Starts it and lets it run. */
  start(...argv: readonly string[]): Running
  /** The texts of a chat as this device shows them. */
  texts(to: string): Promise<readonly (string | null)[]>
}

export interface World extends AsyncDisposable {
  readonly url: string
  /** `profile`: where its folder lies; else one of its own. */
  device(profile?: string): Device
  /** Ends the relay; what it acknowledged stays. */
  stopRelay(signal?: NodeJS.Signals): Promise<void>
  /** The same relay again, at the same address. */
  startRelay(): Promise<void>
}

/** A relay on a free port with an empty folder. */
export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-world-'))
  const running = new Set<ChildProcessWithoutNullStreams>()
  let url = ''
  let relay: ChildProcessWithoutNullStreams | undefined
  let devices = 0

  const start = (script: string, argv: readonly string[]) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...argv])
    running.add(child)
    child.on('close', () => running.delete(child))
    return child
  }
  const startRelay = async () => {
    const port = url === '' ? '0' : new URL(url).port
    relay = start(server, ['--port', port, '--data', join(folder, 'relay'), '--json'])
    const first = await follow(relay, true).line(() => true)
    url = String(first['url'])
  }
  const stopRelay = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (relay === undefined) return
    relay.kill(signal)
    await once(relay, 'close')
    relay = undefined
  }
  await startRelay()
  return {
    get url() {
      return url
    },
    startRelay,
    stopRelay,
    device: (profile) => {
      devices += 1
      return deviceIn(profile ?? join(folder, `device-${devices}`), url, (argv) => start(cli, argv))
    },
    async [Symbol.asyncDispose]() {
      const all = [...running]
      const gone = all.map((child) => once(child, 'close'))
      for (const child of all) child.kill('SIGKILL')
      await Promise.all(gone)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function deviceIn(
  profile: string,
  relay: string,
  spawnCli: (argv: readonly string[]) => ChildProcessWithoutNullStreams,
): Device {
  const where = ['--profile', profile, '--relay', relay]
  const begin = (json: boolean, argv: readonly string[]) =>
    follow(spawnCli([...where, ...(json ? ['--json'] : []), ...argv]), json)
  const run = async (...argv: readonly string[]) => {
    const command = begin(true, argv)
    return await command.ended
  }
  const ok = async (...argv: readonly string[]) => {
    const { code, lines, stderr } = await run(...argv)
    expect({ argv, code, stderr }).toEqual({ argv, code: 0, stderr: '' })
    expect(lines.length).toBeGreaterThan(0)
    return lines
  }
  return {
    profile,
    run,
    ok,
    async one(...argv) {
      const lines = await ok(...argv)
      expect(lines).toHaveLength(1)
      return lines[0] ?? {}
    },
    async refused(code, ...argv) {
      const ended = await run(...argv)
      expect({ argv, code: ended.code, out: ended.lines }).toEqual({ argv, code: 1, out: [] })
      const error = parseLine(ended.stderr)
      expect(error).toMatchObject({ error: code, message: expect.stringMatching(/^[A-Z].*[.]/s) })
      return error
    },
    startPlain: (...argv) => begin(false, argv),
    start: (...argv) => begin(true, argv),
    async texts(to) {
      const lines = await ok('messages', to, '--limit', '1000')
      return lines.filter((line) => 'text' in line).map((line) => line['text'] as string | null)
    },
  }
}

export interface Person {
  readonly handle: string
  readonly account: string
  readonly recovery: string
  readonly device: Device
  readonly deviceId: string
}

/** Signs somebody up on a device of their own. */
export async function signUp(world: World, handle: string, profile?: string): Promise<Person> {
  const device = world.device(profile)
  const line = await device.one('signup', '--handle', handle, '--device-name', 'Phone')
  return {
    handle,
    device,
    account: String(line['account']),
    deviceId: String(line['device']),
    recovery: String(line['recovery']),
  }
}

/** Links a new device, approved on `approver`; answers it and its id. */
export async function linkDevice(
  world: World,
  approver: Device,
  name: string,
  options: { readonly kind?: string; readonly manage?: boolean; readonly by?: 'offer' | 'code' } = {},
): Promise<{ readonly device: Device; readonly id: string; readonly words: string }> {
  const device = world.device()
  const linking = device.start('link', '--kind', options.kind ?? 'desktop', '--name', name, '--yes')
  const offer = await linking.line((line) => 'offer' in line)
  const approved = await approver.one(
    'approve',
    String(offer[options.by ?? 'offer']),
    '--yes',
    ...(options.manage === true ? ['--manage'] : []),
  )
  const { code, lines, stderr } = await linking.ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(lines).toHaveLength(3)
  expect(lines[1]?.['words']).toBe(approved['words'])
  expect(lines[2]?.['device']).toBe(approved['device'])
  return { device, id: String(approved['device']), words: String(approved['words']) }
}
