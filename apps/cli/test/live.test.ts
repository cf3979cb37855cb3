import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, ClientError } from '@quintet/client-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { execute } from '../src/execute.ts'
import { findListener, type Listener } from '../src/live/caller.ts'
import { socketPath } from '../src/live/place.ts'
import { type Server, serve } from '../src/live/serve.ts'
import { parse } from '../src/usage/parse.ts'
import { fakeClient } from './fake-client.ts'
import { type FakeTerminal, fakeTerminal, runOn } from './fake-terminal.ts'

let dir: string
let server: Server | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quintet-live-'))
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(dir, { recursive: true, force: true })
})

/** A process that listens on the profile with this client. */
async function listening(client: Client, profile = dir): Promise<void> {
  server = await serve(profile, (argv, terminal) => {
    const parsed = parse(argv, terminal.traits.columns)
    if (parsed.kind !== 'task') return Promise.resolve(2)
    return execute(client, parsed.task, parsed.settings, terminal)
  })
}

async function found(profile = dir): Promise<Listener> {
  const listener = await findListener(profile)
  if (listener === undefined) expect.fail('nobody listens')
  return listener
}

async function through(argv: readonly string[], terminal: FakeTerminal): Promise<number> {
  return await (await found()).run(argv, terminal, { json: argv.includes('--json'), debug: false })
}

describe('while a process listens, other commands go through it', () => {
  const refusing = () =>
    fakeClient({ unlink: () => Promise.reject(new ClientError('not-allowed', 'This device may not do that.')) })

  test.each([
    [['chats']],
    [['chats', '--json']],
    [['messages', 'bob', '--json']],
    [['send', 'bob', 'two\nlines 🎻', '--json']],
    [['devices']],
    [['unlink', 'Kitchen', '--json']],
    [['unlink', 'Kitchen']],
    [['approve', '7K3M-9QXT', '--json']],
    [['approve', '7K3M-9QXT', '--json', '--yes']],
  ])('%j says and returns what it would alone', async (argv) => {
    const alone = await runOn(refusing(), argv, fakeTerminal([], { columns: 60 }))
    await listening(refusing())
    const terminal = fakeTerminal([], { columns: 60 })
    const code = await through(argv, terminal)
    expect({ code, ...terminal.text }).toEqual({ code: alone.code, out: alone.out, err: alone.err })
  })

  test('questions are asked where the person sits', async () => {
    const client = fakeClient()
    await listening(client)
    const terminal = fakeTerminal(['7', '2'])
    expect(await through(['approve', '7K3M-9QXT'], terminal)).toBe(0)
    expect(client.calls).toContain('picked 1')
    expect(terminal.text.out).toContain('Pick the words that it shows.')
  })

  test('a person who goes away in the middle of a question has said no', async () => {
    const client = fakeClient()
    await listening(client)
    const terminal = fakeTerminal()
    const asked = new Promise<void>((done) => {
      terminal.ask = () => {
        done()
        return new Promise(() => undefined)
      }
    })
    const running = through(['approve', '7K3M-9QXT'], terminal)
    await asked
    terminal.stop()
    expect(await running).toBe(130)
    await expect.poll(() => client.calls).toContain('picked undefined')
  })

  test('several at once do not mix', async () => {
    await listening(fakeClient())
    const terminals = Array.from({ length: 8 }, () => fakeTerminal())
    await Promise.all(
      terminals.map((terminal, at) => through(at % 2 === 0 ? ['status', '--json'] : ['sync', '--json'], terminal)),
    )
    for (const [at, { text }] of terminals.entries()) {
      expect(Object.keys(JSON.parse(text.out))).toContain(at % 2 === 0 ? 'relay' : 'received')
    }
  })

  test('a second listener hears the same, until it is stopped', async () => {
    const client = fakeClient()
    await listening(client)
    const terminal = fakeTerminal()
    const running = through(['listen', '--json'], terminal)
    await expect.poll(() => terminal.text.out).toContain('"connected":true')
    client.tell({ event: 'state', connected: false })
    await expect.poll(() => terminal.text.out).toContain('"connected":false')
    terminal.stop()
    expect(await running).toBe(130)
  })

  test('when it ends in the middle, that is told', async () => {
    const client = fakeClient({ sync: () => new Promise(() => undefined) })
    await listening(client)
    const terminal = fakeTerminal()
    const running = through(['chats', '--json'], terminal)
    await expect.poll(() => client.calls).toContain('online(15000)')
    await server?.close()
    expect(await running).toBe(1)
    expect(JSON.parse(terminal.text.err)).toMatchObject({ error: 'interrupted' })
  })

  test('what is no command of ours ends the connection, and harms nobody', async () => {
    await listening(fakeClient())
    for (const garbage of ['not json\n', '{"argv":"chats"}\n', '[]\n', 'null\n']) {
      const socket = connect(socketPath(dir) ?? '')
      socket.on('error', () => undefined)
      socket.write(garbage)
      await new Promise((done) => socket.on('close', done).resume())
    }
    expect(await through(['sync', '--json'], fakeTerminal())).toBe(0)
  })
})

describe('the socket', () => {
  test('is for its owner alone, and gone afterwards', async () => {
    await listening(fakeClient())
    const path = socketPath(dir) ?? ''
    expect(path).toBe(join(dir, 'listen.sock'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await server?.close()
    server = undefined
    expect(existsSync(path)).toBe(false)
    expect(await findListener(dir)).toBeUndefined()
  })

  test('of a process that was killed is nobody, and the next one takes its place', async () => {
    const path = join(dir, 'listen.sock')
    const killed = createServer().listen(path)
    await new Promise((done) => killed.on('listening', done))
    // What stays after `kill -9`: a socket file that nobody listens on.
    const { renameSync } = await import('node:fs')
    renameSync(path, `${path}.kept`)
    await new Promise((done) => killed.close(done))
    renameSync(`${path}.kept`, path)
    expect(await findListener(dir)).toBeUndefined()
    await listening(fakeClient())
    expect(await through(['sync', '--json'], fakeTerminal())).toBe(0)
  })

  test('lies elsewhere, found by a note, where the profile has a long path', async () => {
    const deep = join(dir, 'a'.repeat(60), 'b'.repeat(60))
    mkdirSync(deep, { recursive: true })
    expect(await findListener(deep)).toBeUndefined()
    await listening(fakeClient(), deep)
    const path = socketPath(deep) ?? ''
    expect(path.length).toBeLessThanOrEqual(100)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const terminal = fakeTerminal()
    expect(await (await found(deep)).run(['sync', '--json'], terminal, { json: true, debug: false })).toBe(0)
    await server?.close()
    server = undefined
    expect(existsSync(path)).toBe(false)
    expect(socketPath(deep)).toBeUndefined()
  })

  test('that is none is nobody', async () => {
    writeFileSync(join(dir, 'listen.sock'), '')
    expect(await findListener(dir)).toBeUndefined()
  })
})
