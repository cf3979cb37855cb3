import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Job } from '../job.ts'
import { parse } from './parse.ts'

function settingsOf(...argv: readonly string[]) {
  const parsed = parse(argv, 80)
  if (parsed.kind !== 'task') expect.fail(`${argv.join(' ')}: ${parsed.kind}`)
  return parsed.settings
}

test('options may stand anywhere', () => {
  const everywhere = [
    [
      '--json',
      '--profile',
      '/p',
      '--wait',
      '2',
      '--yes',
      '--no-queue',
      '--relay',
      'http://r',
      'group',
      'create',
      'A',
      'bob',
    ],
    ['group', '--json', '--profile=/p', 'create', '--wait=2', 'A', '--yes', 'bob', '--no-queue', '--relay', 'http://r'],
    [
      'group',
      'create',
      'A',
      'bob',
      '--json',
      '--profile',
      '/p',
      '--wait',
      '2',
      '--yes',
      '--no-queue',
      '--relay',
      'http://r',
    ],
  ]
  for (const argv of everywhere) {
    expect(settingsOf(...argv)).toEqual({
      profile: '/p',
      relay: 'http://r',
      json: true,
      waitMs: 2000,
      queue: false,
      yes: true,
      debug: false,
    })
  }
})

test('what is not said has its usual value', () => {
  expect(settingsOf('chats')).toMatchObject({ json: false, waitMs: 15_000, queue: true, yes: false, relay: undefined })
  expect(settingsOf('chats').profile).toContain('quintet')
})

test.each([
  [[]],
  [['bogus']],
  [['chats', 'extra']],
  [['chats', '--bogus']],
  [['send', 'bob']],
  [['send', 'bob', 'a', 'b']],
  [['signup']],
  [['link', '--kind', 'toaster', '--name', 'x']],
  [['link', '--kind', 'web']],
  [['rights', 'Laptop', 'all']],
  [['messages', 'bob', '--limit', '0']],
  [['messages', 'bob', '--limit', 'many']],
  [['chats', '--wait', 'long']],
  [['chats', '--wait']],
  [['group']],
  [['group', 'bogus']],
  [['group', 'create', 'A']],
  [['recovery']],
  [['send', 'bob', '-x']],
])('%j is wrong usage', (argv) => {
  const parsed = parse(argv, 80)
  expect(parsed.kind).toBe('usage')
  if (parsed.kind === 'usage') {
    expect(parsed.message).toMatch(/^[A-Z].*[.?]$/)
    expect(parsed.text.endsWith('\n')).toBe(true)
  }
})

test('a misspelt command is guessed', () => {
  expect(parse(['sned'], 80)).toMatchObject({ text: expect.stringContaining('Did you mean send?') })
})

test.each([
  ['-5'],
  ['- milk'],
  ['--> there'],
  ['-_-'],
  ['-- so she said'],
  ['--json is an option'],
  ['-'],
  ['—'],
  [''],
])('%j is a text, dash or not', async (text) => {
  expect(await sentText('send', 'bob', text)).toBe(text)
  expect(await sentText('send', 'bob', '--', text)).toBe(text)
})

test('after -- everything is text', async () => {
  expect(await sentText('send', 'bob', '--', '--json')).toBe('--json')
  expect(settingsOf('send', 'bob', '--', '--json').json).toBe(false)
})

async function sentText(...argv: readonly string[]): Promise<string | undefined> {
  const parsed = parse(argv, 80)
  if (parsed.kind !== 'task') return undefined
  let sent: string | undefined
  const client = {
    send: (_to: string, text: string) => {
      sent = text
      return Promise.resolve({ chat: 'c', id: 'm', seq: 1 })
    },
  }
  await parsed.task.run({ client, screen: { tell: () => undefined }, settings: parsed.settings } as unknown as Job)
  return sent
}

test('every command explains itself, with an example', () => {
  const { text } = parse(['--help'], 100) as { text: string }
  const names = [...text.matchAll(/^ {2}([a-z][a-z-]+)(?: |$)/gm)].map((match) => match[1] ?? '')
  expect(names.length).toBeGreaterThan(25)
  for (const name of names.filter((one) => !['help', 'group', 'recovery'].includes(one))) {
    expect(parse([name, '--help'], 100)).toMatchObject({ kind: 'help', text: expect.stringContaining('$ quintet ') })
  }
  for (const name of ['create', 'add', 'remove', 'admin', 'leave', 'rename']) {
    expect(parse(['group', name, '--help'], 100)).toMatchObject({
      text: expect.stringContaining(`$ quintet group ${name}`),
    })
  }
})

function helpOf(...names: readonly string[]): string {
  const parsed = parse([...names, '--help'], 100)
  return parsed.kind === 'help' ? parsed.text : expect.fail(names.join(' '))
}

/** The commands that a help lists, below headings other than its options'. */
function listed(help: string): readonly string[] {
  const blocks = help
    .split('\n\n')
    .filter((block) => !/^(Arguments|Options|Global Options|Usage|Begin|Examples):/.test(block.trim()))
  const names = blocks.flatMap((block) => [...block.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name ?? ''))
  return names.filter((name) => name !== 'help')
}

test('every command, and every part of one, shows examples in its help', () => {
  const first = listed(helpOf()).map((name) => [name])
  const all = first.flatMap((names) => [names, ...listed(helpOf(...names)).map((part) => [...names, part])])
  expect(all.length).toBeGreaterThan(35)
  const without = all.filter((names) => !helpOf(...names).includes(`$ quintet ${names.join(' ')}`))
  expect(without).toEqual([])
})

test('a listener loads every command there is', () => {
  const text = readFileSync(new URL('./parse.ts', import.meta.url), 'utf8')
  const files = readdirSync(new URL('../commands', import.meta.url)).filter((file) => !file.endsWith('.test.ts'))
  expect(files.filter((file) => !text.includes(`import('../commands/${file}')`))).toEqual([])
})
