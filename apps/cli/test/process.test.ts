import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'quintet-process-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: unknown
  readonly out: string
  readonly err: string
}

async function quintet(argv: readonly string[], closeOutput = false): Promise<Ended> {
  const child = spawn(process.execPath, [main, '--profile', join(folder, 'p'), ...argv])
  let out = ''
  let err = ''
  if (closeOutput) child.stdout.destroy()
  else child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  const [code]: unknown[] = await once(child, 'close')
  return { code, out, err }
}

test('help and version are answers', async () => {
  expect(await quintet(['--help'])).toMatchObject({ code: 0, err: '' })
  expect(await quintet(['--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' })
})

test('wrong usage ends with 2 and says how it is used', async () => {
  expect(await quintet(['sned', 'bob', 'hi'])).toEqual({
    code: 2,
    out: '',
    err: "Unknown command 'sned'.\nDid you mean send?\nAdd --help to see how it is used.\n",
  })
  const { code, out, err } = await quintet(['send', 'bob', '--json'])
  expect({ code, out, error: JSON.parse(err) as unknown }).toEqual({
    code: 2,
    out: '',
    error: { error: 'usage', message: "Missing required argument 'text'." },
  })
  expect(await quintet([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: quintet') })
})

test('a reader that has gone is no reason to complain', async () => {
  expect(await quintet(['--help'], true)).toMatchObject({ code: 0, err: '' })
})
