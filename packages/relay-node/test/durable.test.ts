import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bytesOf } from '@quintet/domain'
import { chatIdOf, expectAnswer, policyFor, type TestDevice } from '@quintet/relay/testing'
import { expect, test } from 'vitest'
import { comeBack, Host, person, random } from './host.ts'

const main = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url))

async function spawned(folder: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [main, '--data', folder, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()))
    child.once('exit', () => reject(new Error('the relay ended')))
  })
  return { process: child, url: JSON.parse(line).url }
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) =>
    child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(child.exitCode),
  )

test('what was acknowledged before kill -9 is there when the relay starts again at once', async () => {
  await using host = new Host()
  let relay = await spawned(host.folder)
  let alice: TestDevice = await person(relay.url, 'alice')
  const chat = chatIdOf(random(32))
  await alice.createChat(chat, policyFor('group', alice.account, [alice.account]))
  let n = 0n
  for (let round = 0; round < 3; round++) {
    const sent: Promise<unknown>[] = []
    let acknowledged = n
    for (let burst = 0; burst < 200; burst++) {
      const next = ++n
      const answered = alice.say(chat, 1n, next, `text ${next}`).then((answer) => {
        if (answer.case === 'appended') acknowledged = next
      })
      sent.push(answered.catch(() => undefined))
    }
    await sent[50]
    relay.process.kill('SIGKILL')
    await ended(relay.process)
    await Promise.all(sent)
    relay = await spawned(host.folder)
    alice = await comeBack(alice, relay.url)
    const state = expectAnswer(await alice.ask({ case: 'sync', value: {} }), 'sync').chats[0]
    expect(state?.lastN).toBeGreaterThanOrEqual(acknowledged)
    expect(acknowledged).toBeGreaterThan(0n)
    n = state?.lastN ?? 0n
    const page = await alice.ask({ case: 'fetch', value: { chat: bytesOf(chat), after: state?.headSeq ?? 0n } })
    expect(expectAnswer(page, 'fetched').headSeq).toBe(state?.headSeq)
    expect(state?.headSeq).toBe(n + 1n)
  }
  relay.process.kill('SIGTERM')
  relay.process.kill('SIGTERM')
  expect(await ended(relay.process)).toBe(0)
})
