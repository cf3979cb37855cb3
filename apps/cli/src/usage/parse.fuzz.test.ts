import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText, spoilt } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { onLines } from '../live/lines.ts'
import { socketPath } from '../live/place.ts'
import { parseToCaller, parseToListener } from '../live/protocol.ts'
import { serve } from '../live/serve.ts'
import { oneLine, safe } from '../show/safe.ts'
import { parse } from './parse.ts'

const words = [
  'send',
  'bob',
  'messages',
  '--limit',
  '5',
  '--json',
  '--relay',
  'http://x',
  'group',
  'create',
  '--',
  '-',
  '--help',
  'help',
  '--wait',
  '1e9',
  '-5',
  '--wait=',
  '--__proto__=1',
  '--no-queue',
  'link',
  '--kind',
  'phone',
  'approve',
  '--manage',
  '\ue0f5-x',
]

test('whatever stands on the command line, it is a task, help, or wrong usage in one sentence', () => {
  const outcomes = new Outcomes()
  const argv = fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: hostileText(words) }),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(argv, fc.integer({ min: 1, max: 300 }), (args, columns) => {
      const parsed = parse(args, columns)
      outcomes.note(parsed.kind)
      if (parsed.kind === 'usage') {
        expect(parsed.message).toMatch(/[.?!]$/)
        expect(parsed.message).not.toContain('\n')
      }
      if (parsed.kind === 'task') expect(Number.isFinite(parsed.settings.waitMs)).toBe(true)
    }),
    runs(60),
  )
  expect(outcomes.names).toEqual(['help', 'task', 'usage'])
})

test('nothing that somebody wrote moves the cursor, renames the window or swaps what is read', () => {
  const marks = hostileText(['\u001b]0;evil\u0007', '\u001b[2J', 'a\rb', '\u202ereversed', 'plain', '\u009b31m'])
  fc.assert(
    fc.property(marks, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(safe(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect(oneLine(text)).not.toMatch(/[\r\n\u2028\u2029]/)
    }),
    runs(1500),
  )
})

const lines = [
  '{"ready":1}',
  '{"out":"x"}',
  '{"exit":0}',
  '{"answer":null}',
  '{"argv":["status"],"traits":{"columns":80},"version":1}',
  '{"argv":[1],"traits":{},"version":1}',
  '[]',
  'null',
  '1',
  '{"argv":"x"}',
]

test('whatever comes through the profile’s socket is a line of the two programs, or ends the connection', () => {
  const outcomes = new Outcomes()
  const sent = lines.map((line) => new TextEncoder().encode(`${line}\n`))
  fc.assert(
    fc.property(fc.array(spoilt(sent), { minLength: 1, maxLength: 4 }), (chunks) => {
      const socket = Object.assign(new EventEmitter(), { setEncoding: () => {}, destroy: () => outcomes.note('ended') })
      onLines(parseSocket(socket), (value) => {
        outcomes.note(parseToCaller(value) === undefined ? 'no caller’s' : 'caller’s')
        outcomes.note(parseToListener(value) === undefined ? 'no listener’s' : 'listener’s')
      })
      for (const chunk of chunks) socket.emit('data', new TextDecoder().decode(chunk))
    }),
    runs(1500),
  )
  expect(outcomes.names).toEqual(['caller’s', 'ended', 'listener’s', 'no caller’s', 'no listener’s'])
})

/** Of a socket `onLines` uses nothing else. */
function parseSocket(socket: object): Socket {
  return socket as Socket
}

test('a listener that is sent nonsense goes on listening', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quintet-nonsense-'))
  const asked: string[] = []
  const server = await serve(dir, async (argv) => {
    asked.push(argv.join(' '))
    return 0
  })
  const path = socketPath(dir) ?? ''
  const said = (bytes: Uint8Array | string) =>
    new Promise<void>((done) => {
      const socket = connect(path, () => socket.end(bytes))
      socket.on('data', () => undefined)
      socket.on('error', () => done())
      socket.on('close', () => done())
    })
  const sent = lines.map((line) => new TextEncoder().encode(`${line}\n`))
  await fc.assert(fc.asyncProperty(spoilt(sent), said), runs(60))
  asked.length = 0
  await said('{"argv":["status"],"traits":{"columns":80},"version":1}\n')
  expect(asked).toEqual(['status'])
  await server.close()
  rmSync(dir, { recursive: true, force: true })
})
