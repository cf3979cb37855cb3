import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { storeFile } from '@quintet/relay-node'
import { chatIdOf, outcome, policyFor, type TestDevice } from '@quintet/relay/testing'
import { expect, test } from 'vitest'
import { watchData } from '../src/watch-data.ts'
import { sha256 } from './digest.ts'
import { comeBack, Host, person, random } from './host.ts'
import { RelayProcess } from './relay-process.ts'

/** A relay that has some hundred messages, stopped or killed, and who wrote them. */
async function written(folder: string, end: 'stop' | 'kill'): Promise<{ alice: TestDevice; chat: ChatId }> {
  const relay = await RelayProcess.start(folder)
  const alice = await person(relay.url, 'alice')
  const chat = chatIdOf(random(32))
  expect(outcome(await alice.createChat(chat, policyFor('group', alice.account, [alice.account])))).toBe('done')
  const said = Array.from({ length: 300 }, (_, at) => alice.say(chat, 1n, BigInt(at + 1), 'x'.repeat(2000)))
  for (const answer of await Promise.all(said)) expect(outcome(answer)).toBe('done')
  await relay[end]()
  return { alice, chat }
}

/** Nonsense over `length` bytes from there. */
function overwrite(file: string, from: number, length: number): void {
  const opened = openSync(file, 'r+')
  writeSync(opened, Buffer.alloc(length, 0xa5), 0, length, from)
  closeSync(opened)
}

const damages: Readonly<Record<string, (file: string) => void>> = {
  'bytes overwritten in the middle': (file) => overwrite(file, Math.floor(statSync(file).size / 2), 20_000),
  'its end cut off': (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  'its beginning overwritten': (file) => overwrite(file, 0, 5000),
  'something else in its place': (file) => writeFileSync(file, 'no database, and long enough to be sure. '.repeat(500)),
}

const contentsOf = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /^relay\.db(-wal)?$/.test(name) && statSync(join(folder, name)).size > 0)
    .map((name) => `${name} ${hexOf(sha256(readFileSync(join(folder, name))))}`)

test.each(Object.entries(damages))(
  'a database with %s is refused at the start in words, and left as it is',
  { timeout: 120_000 },
  async (_, damage) => {
    await using host = new Host()
    await written(host.folder, 'stop')
    damage(storeFile(host.folder))
    const before = contentsOf(host.folder)
    for (let again = 0; again < 2; again++) {
      const ended = await RelayProcess.launch(host.folder)
      if (ended instanceof RelayProcess) throw new Error('it started')
      expect(ended.code).toBe(1)
      expect(JSON.parse(ended.said)).toEqual({
        error: 'data-damaged',
        message: expect.stringMatching(/^The data in .* cannot be opened .* Restore a backup, or .*--data\.$/),
      })
      expect(contentsOf(host.folder)).toEqual(before)
    }
  },
)

test('damage after a kill is refused too, and what the log of the database holds is not written into it', {
  timeout: 120_000,
}, async () => {
  await using host = new Host()
  await written(host.folder, 'stop')
  const relay = await RelayProcess.start(host.folder)
  const bob = await person(relay.url, 'bob')
  expect(outcome(await bob.ask({ case: 'ping', value: {} }))).toBe('done')
  await relay.kill()
  overwrite(storeFile(host.folder), Math.floor(statSync(storeFile(host.folder)).size / 2), 20_000)
  const before = contentsOf(host.folder)
  expect(before).toHaveLength(2)
  const ended = await RelayProcess.launch(host.folder)
  if (ended instanceof RelayProcess) throw new Error('it started')
  expect(JSON.parse(ended.said).error).toBe('data-damaged')
  expect(contentsOf(host.folder)).toEqual(before)
})

test('damage that is met while the relay runs ends it with the same words', { timeout: 120_000 }, async () => {
  await using host = new Host()
  const { alice, chat } = await written(host.folder, 'stop')
  const relay = await RelayProcess.start(host.folder)
  const back = await comeBack(alice, relay.url)
  const file = storeFile(host.folder)
  overwrite(file, 8 * 4096, statSync(file).size - 8 * 4096)
  await back.ask({ case: 'fetch', value: { chat: bytesOf(chat) } }).catch(() => undefined)
  const ended = await relay.ended
  expect([ended.code, JSON.parse(ended.said.trim().split('\n').at(-1) ?? '').error]).toEqual([1, 'data-damaged'])
})

test('a database that is taken away under the running relay ends it, before it acknowledges into nothing for long', {
  timeout: 120_000,
}, async () => {
  await using host = new Host()
  const { alice, chat } = await written(host.folder, 'stop')
  const relay = await RelayProcess.start(host.folder)
  const file = storeFile(host.folder)
  renameSync(file, `${file}.elsewhere`)
  const ended = await relay.ended
  expect([ended.code, JSON.parse(ended.said.trim().split('\n').at(-1) ?? '').error]).toEqual([1, 'data-gone'])
  renameSync(`${file}.elsewhere`, file)
  const again = await RelayProcess.start(host.folder)
  const back = await comeBack(alice, again.url)
  expect(outcome(await back.say(chat, 1n, 301n, 'we go on'))).toBe('done')
  await again.stop()
})

test('a database too large to look at before the start is looked at later', { timeout: 120_000 }, async () => {
  await using host = new Host()
  await written(host.folder, 'stop')
  const file = storeFile(host.folder)
  overwrite(file, Math.floor(statSync(file).size / 2), 20_000)
  const watch = { checkAfterMs: 0, checkedAtStartBytes: 0 }
  let stop = (): void => {}
  const fault = await new Promise<string>((resolve) => {
    stop = watchData(host.folder, ({ code }) => resolve(code), watch)
  })
  stop()
  expect(fault).toBe('data-damaged')
})
