import { expect, test } from 'vitest'
import { parseStart } from './start-options.ts'

function usage(...args: readonly string[]) {
  let said = ''
  const parsed = parseStart(
    args,
    () => undefined,
    (text) => {
      said += text
    },
  )
  return { parsed, said }
}

test.each([
  [['--port', 'x'], /^Option '--port <n>' argument 'x' is invalid\. A port is a number/],
  [['--nope'], /^Unknown option '--nope'\.$/],
  [['extra'], /^(Too many arguments|Unknown argument).*extra/],
])('wrong usage %j is a sentence, with --json one line of it', (args, sentence) => {
  const plain = usage(...args)
  expect(plain.parsed).toEqual({ exit: 2 })
  expect(plain.said).toMatch(/^error: /)
  const { parsed, said } = usage(...args, '--json')
  expect(parsed).toEqual({ exit: 2 })
  expect(JSON.parse(said)).toEqual({ error: 'usage', message: expect.stringMatching(sentence) })
})
