import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bytesOf, type ChatId } from '@quintet/domain'
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

test('what was acknowledged before kill -9 is there when the relay starts again at once', {
  timeout: 120_000,
}, async () => {
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
  expect(await ended(relay.process)).toBe(0)
})

/** Writes without pause until the relay says goodbye; tells how far it was acknowledged. */
async function writeOn(
  who: TestDevice,
  chat: ChatId,
): Promise<{ readonly acknowledged: bigint; readonly sent: bigint }> {
  let [acknowledged, sent] = [0n, 0n]
  const answers: Promise<unknown>[] = []
  while (!who.line.closed) {
    const n = ++sent
    const answered = who.say(chat, 1n, n, `text ${n}`).then((answer) => {
      if (answer.case === 'appended') acknowledged = n
    })
    answers.push(answered.catch(() => undefined))
    // Some are under way all the time, and the socket gets its turn.
    if (answers.length % 20 === 0) await answers.at(-20)
  }
  await Promise.all(answers)
  return { acknowledged, sent }
}

test('asked twice to end while people write, it ends well, says goodbye, and has what it acknowledged', {
  timeout: 120_000,
}, async () => {
  await using host = new Host()
  const relay = await spawned(host.folder)
  const people = [await person(relay.url, 'alice'), await person(relay.url, 'bob'), await person(relay.url, 'carol')]
  const chats = people.map(() => chatIdOf(random(32)))
  const chatOf = (at: number): ChatId => chats[at] ?? expect.unreachable()
  for (const [at, who] of people.entries()) {
    await who.createChat(chatOf(at), policyFor('group', who.account, [who.account]))
  }
  const writing = people.map((who, at) => writeOn(who, chatOf(at)))
  const [first] = people
  await first?.line.until(() => first.line.pushes.length > 200)
  relay.process.kill('SIGTERM')
  relay.process.kill('SIGTERM')
  const written = await Promise.all(writing)
  expect(await ended(relay.process)).toBe(0)
  for (const { line } of people) expect((await line.hears('goodbye')).message).toBe('The relay is shutting down.')
  const again = await spawned(host.folder)
  for (const [at, who] of people.entries()) {
    const back = await comeBack(who, again.url)
    const { acknowledged, sent } = written[at] ?? expect.unreachable()
    const lastN = expectAnswer(await back.ask({ case: 'sync', value: {} }), 'sync').chats[0]?.lastN ?? 0n
    expect(acknowledged).toBeGreaterThan(0n)
    expect(lastN).toBeGreaterThanOrEqual(acknowledged)
    expect(lastN).toBeLessThanOrEqual(sent)
    const next = await back.say(chatOf(at), 1n, lastN + 1n, 'we go on')
    expect(expectAnswer(next, 'appended').seq).toBe(lastN + 2n)
  }
  again.process.kill('SIGINT')
  again.process.kill('SIGTERM')
  expect(await ended(again.process)).toBe(0)
})
