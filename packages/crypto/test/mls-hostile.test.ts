import { expect, test } from 'vitest'
import { loadMlsEngine, type StagedCommitView } from '@quintet/crypto'
import story from './hostile.json' with { type: 'json' }
import { bytes, emptyPlan, engineModule, plain, refusal } from './mls-device.ts'

/**
 * A member that runs another engine (crates/mls/examples/hostile.rs) sends what no rule admits. The
 * policy judges what can be judged (C5); the rest the engine refuses itself, and the chat goes on.
 */
const chat = bytes('chat-1')
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const rows = new Map(story.rows.map(([key, value]) => [key ?? '', fromHex(value ?? '')]))
const messages: Readonly<Record<string, string>> = story.messages
const at = BigInt(story.at)

function victim() {
  const engine = loadMlsEngine(
    engineModule(),
    { read: (key) => rows.get(Buffer.from(key).toString('hex')) },
    { nowSeconds: () => at },
  )
  engine.useIdentity(fromHex(story.key), bytes('victim'))
  return engine
}

function message(name: string): Uint8Array {
  const found = messages[name]
  if (found === undefined) throw new Error(`no message ${name}`)
  return fromHex(found)
}

function staged(name: string): StagedCommitView {
  const opened = victim().open(chat, message(name), at)
  if (opened.kind !== 'commit') throw new Error('not a commit')
  expect(plain(opened.view.committer.credential)).toBe('eve')
  return opened.view
}

test.each([
  ['psk', 'refused-proposal'],
  ['by-reference', 'refused-proposal'],
  ['proposal-alone', 'refused-proposal'],
  ['self-remove-alone', 'refused-proposal'],
  ['sealed-commit', 'refused-proposal'],
])('%s is refused before anything is staged', (name, code) => {
  const engine = victim()
  expect(refusal(() => engine.open(chat, message(name), at))).toBe(code)
  expect(engine.takeChanges()).toEqual([])
  expect(engine.view(chat)?.epoch).toBe(1n)
})

test('an external sender let in beside an unchanged policy stands in the view', () => {
  const view = staged('external-sender')
  expect(view.policyAfter).toEqual(view.policyBefore)
  expect(view.unlisted).toEqual(['other-extension'])
})

test('requirements loosened behind a changed policy stand in the view', () => {
  const view = staged('requirements-changed')
  expect(plain(view.policyAfter)).toBe('policy of eve')
  expect(view.unlisted).toEqual(['other-extension'])
})

test('a policy taken out is an empty one', () => {
  const view = staged('policy-dropped')
  expect(plain(view.policyBefore)).toBe('policy')
  expect(view.policyAfter).toHaveLength(0)
})

test('an add without a path shows who is added, and no path', () => {
  const view = staged('add-without-path')
  expect(view.path).toBeUndefined()
  expect(view.adds.map((leaf) => plain(leaf.credential))).toEqual(['guest'])
})

test('a leaf that takes another’s credential by its path shows it', () => {
  const { path } = staged('other-credential')
  expect(plain(path?.credential ?? new Uint8Array())).toBe('victim')
})

test('a device that cannot read the policy is not added', () => {
  const engine = victim()
  const add = () => engine.commit(chat, { ...emptyPlan, addKeyPackages: [message('key-package-without-policy')] })
  expect(refusal(add)).toBe('refused-proposal')
})
