import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureBuilt } from './lib/bundle.js'
import { killStarted, npmStart } from '../apps/server/test/npm-start.ts'

let folder = ''

beforeAll(() => ensureBuilt('server'))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-start-'))
})
afterEach(() => {
  killStarted()
  rmSync(folder, { recursive: true, force: true })
})

function urlIn(line: string): string {
  return String((JSON.parse(line) as { readonly url: unknown }).url)
}

/** Resolves when nothing answers there any more. */
async function silence(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) })
    } catch {
      return
    }
  }
}

test('with --json the first line is JSON, npm says nothing, and signals, also twice, end it well', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const relay = npmStart('--data', folder, '--json', '--port', '0')
    const url = urlIn(await relay.firstLine)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    relay.child.kill(signal)
    relay.child.kill(signal)
    expect(await relay.ended).toBe(0)
    expect(relay.said).toEqual({ out: `${JSON.stringify({ url })}\n`, err: '' })
  }
})

test('when all is there it is ready within three seconds', async () => {
  const from = performance.now()
  const relay = npmStart('--data', folder, '--json', '--port', '0')
  await relay.firstLine
  expect(performance.now() - from).toBeLessThan(3000)
})

test('killing npm outright ends the relay too, and the same command starts it again', async () => {
  const first = npmStart('--data', folder, '--json', '--port', '0')
  const url = urlIn(await first.firstLine)
  first.child.kill('SIGKILL')
  await silence(url)
  const second = npmStart('--data', folder, '--json', '--port', new URL(url).port)
  expect(urlIn(await second.firstLine)).toBe(url)
})

test('a busy port is told in one sentence, without a stack', async () => {
  const first = npmStart('--data', folder, '--json', '--port', '0')
  const { port } = new URL(urlIn(await first.firstLine))
  const second = npmStart('--data', folder, '--port', port, '--data', join(folder, 'other'))
  expect(await second.ended).toBe(1)
  expect(second.said).toEqual({ out: '', err: expect.stringMatching(/^Port \d+ on 127\.0\.0\.1 is in use\.[^\n]*\n$/) })
})
