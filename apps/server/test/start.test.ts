import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killStarted, npmStart } from './npm-start.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-start-'))
})
afterEach(() => {
  killStarted()
  rmSync(folder, { recursive: true, force: true })
})

/** A running relay's first line, as JSON. */
async function running(data: string): Promise<{ readonly url: string }> {
  return JSON.parse(await npmStart('--json', '--port', '0', '--data', data).firstLine)
}

const damaged = 'this is no database, and long enough to be sure of it. '.repeat(30)

/** Each prepares its reason, and answers the arguments of the start that is refused. */
const reasons: Readonly<Record<string, { readonly sentence: RegExp; prepare(): Promise<readonly string[]> }>> = {
  'port-in-use': {
    sentence: /^Port \d+ on 127\.0\.0\.1 is in use\. .*--port\.$/,
    async prepare() {
      const { url } = await running(join(folder, 'first'))
      return ['--data', join(folder, 'second'), '--port', new URL(url).port]
    },
  },
  'address-unavailable': {
    sentence: /^203\.0\.113\.1 is no address of this machine\. .*--host\.$/,
    prepare: async () => ['--data', folder, '--port', '0', '--host', '203.0.113.1'],
  },
  'data-in-use': {
    sentence: /^The data folder .* is in use by another relay\. .*--data\.$/,
    async prepare() {
      await running(folder)
      return ['--data', folder, '--port', '0']
    },
  },
  'data-newer': {
    sentence: /^The data folder .* is from a newer version of Quintet\. Update Quintet, .*--data\.$/,
    async prepare() {
      const db = new DatabaseSync(join(folder, 'relay.db'))
      db.exec('CREATE TABLE things (name TEXT); PRAGMA user_version = 999')
      db.close()
      return ['--data', folder, '--port', '0']
    },
  },
  'data-damaged': {
    sentence: /^The data in .* cannot be opened .* Restore a backup, .*--data\.$/,
    async prepare() {
      writeFileSync(join(folder, 'relay.db'), damaged)
      return ['--data', folder, '--port', '0']
    },
  },
  'data-unwritable': {
    sentence: /^The data folder .* cannot be written\. .*--data\.$/,
    async prepare() {
      // No folder can be made below a file, whoever asks: the superuser neither.
      const file = join(folder, 'file')
      writeFileSync(file, '')
      return ['--data', join(file, 'data'), '--port', '0']
    },
  },
}

test.each(Object.entries(reasons))(
  'npm start says %s in one sentence, exit 1, without a stack, and in one line of JSON',
  { timeout: 120_000 },
  async (code, { sentence, prepare }) => {
    const args = await prepare()
    const before = existsSync(folder) ? readdirSync(folder).sort() : []
    const plain = npmStart(...args)
    expect(await plain.ended).toBe(1)
    expect(plain.said.out).toBe('')
    expect(plain.said.err.trimEnd()).toMatch(sentence)
    expect(plain.said.err.match(/\n/g)).toHaveLength(1)
    const json = npmStart(...args, '--json')
    expect(await json.ended).toBe(1)
    expect(json.said.out).toBe('')
    expect(JSON.parse(json.said.err)).toEqual({ error: code, message: expect.stringMatching(sentence) })
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(before))
  },
)

test('a data folder that is a folder already, with somebody else’s files in it, is taken and the files are left', async () => {
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'notes.txt'), 'mine')
  await running(data)
  expect(readdirSync(data)).toEqual(expect.arrayContaining(['notes.txt', 'relay.db', 'relay.lock']))
})
