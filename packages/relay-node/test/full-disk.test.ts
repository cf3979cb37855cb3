import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { chatIdOf, expectAnswer, outcome, policyFor, type TestDevice } from '@quintet/relay/testing'
import { BackupError, backupStore, restoreStore, storeFile } from '@quintet/relay-node'
import { expect, test } from 'vitest'
import { sha256 } from './digest.ts'
import { comeBack, Host, person, random, visitor } from './host.ts'
import { type Ended, RelayProcess } from './relay-process.ts'
import { SmallDisk } from '../../../scripts/testing/small-disk.ts'

const text = 'x'.repeat(8000)

async function talkingAlone(url: string): Promise<{ readonly alice: TestDevice; readonly chat: ChatId }> {
  const alice = await person(url, 'alice')
  const chat = chatIdOf(random(32))
  expect(outcome(await alice.createChat(chat, policyFor('group', alice.account, [alice.account])))).toBe('done')
  return { alice, chat }
}

/** Writes on from there until it is refused. */
async function writeOn(alice: TestDevice, chat: ChatId, from: bigint): Promise<{ taken: bigint; refusal: string }> {
  for (let n = from; ; n++) {
    const answer = await alice.say(chat, 1n, n, text)
    if (answer.case !== 'appended') return { taken: n - 1n, refusal: outcome(answer) }
  }
}

async function hasAll(alice: TestDevice, chat: ChatId, upTo: bigint): Promise<void> {
  let after = 0n
  const seqs: bigint[] = []
  for (;;) {
    const value = { chat: bytesOf(chat), after }
    const { entries, headSeq } = expectAnswer(await alice.ask({ case: 'fetch', value }), 'fetched')
    seqs.push(...entries.map(({ seq }) => seq))
    after = seqs.at(-1) ?? headSeq
    if (after >= headSeq) break
  }
  expect(seqs).toEqual(Array.from({ length: Number(upTo) + 1 }, (_, at) => BigInt(at + 1)))
}

const refusalOf = (ended: RelayProcess | Ended): { error: string; message: string } => {
  if (ended instanceof RelayProcess) throw new Error('the relay started')
  expect(ended.code).toBe(1)
  return JSON.parse(ended.said)
}

test('a backup for which there is no room is refused, and what was there stays', async () => {
  await using host = new Host()
  const relay = await host.start()
  await person(relay.url, 'alice')
  await relay.close()
  const backup = join(host.folder, 'backup.db')
  backupStore(host.folder, backup, 0)
  using disk = new SmallDisk(4096)
  copyFileSync(storeFile(host.folder), storeFile(disk.folder))
  const restore = () => restoreStore(disk.folder, backup, 1)
  expect(restore()).toBeDefined()
  disk.fill()
  const there = readFileSync(storeFile(disk.folder))
  expect(restore).toThrow(
    new BackupError(
      'backup-failed',
      `There is no room for a copy of the backup at ${storeFile(disk.folder)}.restoring.`,
    ),
  )
  expect(readFileSync(storeFile(disk.folder)).equals(there)).toBe(true)
  disk.makeRoom()
  expect(restore()).toBeDefined()
})

test('on a full disk writes are refused as such, reading goes on, and with room again everything does, without a restart', {
  timeout: 120_000,
}, async () => {
  using disk = new SmallDisk(4096)
  const relay = await RelayProcess.start(disk.folder)
  const { alice, chat } = await talkingAlone(relay.url)
  expect((await writeOn(alice, chat, 1n)).refusal).toBe('FULL')
  disk.fill()
  const { chats } = expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync')
  const taken = chats[0]?.lastN ?? 0n
  expect(taken).toBeGreaterThan(10n)
  for (let again = 0; again < 3; again++) expect(outcome(await alice.say(chat, 1n, taken + 1n, text))).toBe('FULL')
  const bob = await visitor(relay.url)
  expect(outcome(await bob.signUp('bob'))).toBe('FULL')
  expect(outcome(await alice.ask({ case: 'putKitBlob', value: { blob: random(20_000) } }))).toBe('FULL')
  await hasAll(alice, chat, taken)
  expect(outcome(await alice.ask({ case: 'lookup', value: { handle: 'alice' } }))).toBe('done')
  expect((await fetch(`${relay.url}/health`)).status).toBe(200)
  disk.makeRoom()
  execFileSync('mount', ['-o', 'remount,size=16384k', disk.folder])
  expect(outcome(await bob.signUp('bob'))).toBe('done')
  const answer = expectAnswer(await alice.say(chat, 1n, taken + 1n, text), 'appended')
  expect(answer.seq).toBe(taken + 2n)
  await hasAll(alice, chat, taken + 1n)
  expect(await relay.stop()).toMatchObject({ code: 0 })
})

test('killed on a full disk, it starts there again with all that it acknowledged; stopped, it says that there is no room', {
  timeout: 120_000,
}, async () => {
  using disk = new SmallDisk(4096)
  const relay = await RelayProcess.start(disk.folder)
  const { alice, chat } = await talkingAlone(relay.url)
  const { taken, refusal } = await writeOn(alice, chat, 1n)
  expect(refusal).toBe('FULL')
  disk.fill()
  await relay.kill()
  // What its log held goes into the database, where room was made for it, so that there is some again.
  const again = await RelayProcess.start(disk.folder)
  const back = await comeBack(alice, again.url)
  await hasAll(back, chat, taken)
  const { taken: more } = await writeOn(back, chat, taken + 1n)
  await hasAll(back, chat, more)
  disk.makeRoom()
  execFileSync('mount', ['-o', 'remount,size=16384k', disk.folder])
  await again.stop()
  disk.fill()
  const before = contentsOf(disk.folder)
  const { error, message } = refusalOf(await RelayProcess.launch(disk.folder))
  expect([error, message]).toEqual(['disk-full', expect.stringMatching(/^There is no room left on .* Make room/)])
  expect(contentsOf(disk.folder)).toEqual(before)
  disk.makeRoom()
  const third = await RelayProcess.start(disk.folder)
  await hasAll(await comeBack(alice, third.url), chat, more)
  await third.stop()
})

const contentsOf = (folder: string): string => hexOf(sha256(readFileSync(storeFile(folder))))

test('the very first start on a full disk says so too', { timeout: 60_000 }, async () => {
  using disk = new SmallDisk(256)
  disk.fill()
  expect(refusalOf(await RelayProcess.launch(disk.folder)).error).toBe('disk-full')
  disk.makeRoom()
  execFileSync('mount', ['-o', 'remount,size=16384k', disk.folder])
  const relay = await RelayProcess.start(disk.folder)
  await relay.stop()
})

test('when the disk refuses every write, the relay says for each that it could not write, serves what it has, and goes on later', {
  timeout: 120_000,
}, async () => {
  await using host = new Host()
  // The system's limit on how far a file may be written stands for a disk that fails: each write is an I/O error.
  const relay = await RelayProcess.start(host.folder, { under: ['env', '--ignore-signal=XFSZ'] })
  const limit = (bytes: string): void =>
    void execFileSync('prlimit', ['--pid', String(relay.child.pid), `--fsize=${bytes}`])
  const { alice, chat } = await talkingAlone(relay.url)
  for (let n = 1n; n <= 5n; n++) await alice.say(chat, 1n, n, text)
  limit('4096:unlimited')
  for (let again = 0; again < 3; again++) expect(outcome(await alice.say(chat, 1n, 6n, text))).toBe('UNAVAILABLE')
  await hasAll(alice, chat, 5n)
  limit('unlimited:unlimited')
  expect(expectAnswer(await alice.say(chat, 1n, 6n, text), 'appended').seq).toBe(7n)
  await relay.kill()
  const again = await RelayProcess.start(host.folder)
  const back = await comeBack(alice, again.url)
  await hasAll(back, chat, 6n)
  await again.stop()
})
