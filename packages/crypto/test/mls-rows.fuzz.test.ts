import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EngineRows, loadMlsEngine, type MlsEngine, MlsError, type Suite } from '@quintet/crypto'
import { hostile, spoilt } from '../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../scripts/fuzz/runs.ts'
import { bytes, device, emptyPlan, engineModule, groupOf, hex, keyPackage, plain } from './mls-device.ts'

const chat = bytes('chat-1')

/** Rows of a device in a chat, kept beside those of the engine that wrote them. */
function stored(suite: Suite) {
  const rows = new Map<string, Uint8Array>()
  const [a, b, c] = [device('a'), device('b'), device('c')]
  groupOf(chat, suite, a, b, c)
  // Read through the rows that b has, so that every row of its chat is seen.
  const seen: EngineRows = {
    read(key) {
      const value = b.rows.read(key)
      if (value !== undefined) rows.set(hex(key), value)
      return value
    },
  }
  const engine = loadMlsEngine(engineModule(), seen)
  engine.useIdentity(b.key, bytes('b'))
  engine.view(chat)
  engine.groupInfo(chat)
  const made = engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(device('d'), suite)] })
  return { rows, key: b.key, texts: [a.engine.encrypt(chat, bytes(''), bytes('xyzzy'))], commit: made.commit }
}

/** Everything that reads what is stored. */
const calls: Readonly<Record<string, (engine: MlsEngine, message: Uint8Array) => unknown>> = {
  view: (engine) => engine.view(chat),
  open: (engine, message) => engine.open(chat, message),
  encrypt: (engine) => engine.encrypt(chat, bytes(''), bytes('x')),
  commit: (engine) => engine.commit(chat, emptyPlan),
  groupInfo: (engine) => engine.groupInfo(chat),
  exportSecret: (engine) => engine.exportSecret(chat, 'quintet/eph', bytes(''), 32),
  generation: (engine) => engine.ownGeneration(chat),
  scratch: (engine) => engine.replaceByScratch(chat),
  deleted: (engine) => engine.deleteGroup(chat),
}

/** What a call ends in; whatever is no MlsError is a fault of the engine's. */
function ending(run: () => unknown): string {
  try {
    run()
    return 'result'
  } catch (error) {
    if (!(error instanceof MlsError)) throw error
    expect(error.message).not.toContain('trapped')
    expect(error.message).not.toMatch(/xyzzy/)
    return error.code
  }
}

test.each(['base', 'hybrid'] as const)(
  'a row of a %s chat that a bad disk or hand has changed is read, or said to be damaged',
  (suite) => {
    const good = stored(suite)
    const names = [...good.rows.keys()]
    const outcomes = new Outcomes()
    const changed = fc
      .nat(names.length - 1)
      .chain((at) => fc.tuple(fc.constant(at), hostile([good.rows.get(names[at] ?? '') ?? bytes('')])))
    fc.assert(
      fc.property(changed, fc.constantFrom(...Object.entries(calls)), ([at, value], [name, call]) => {
        const engine = loadMlsEngine(engineModule(), {
          read: (key) => (hex(key) === names[at] ? value.slice() : good.rows.get(hex(key))?.slice()),
        })
        outcomes.note(ending(() => engine.useIdentity(good.key, bytes('b'))))
        const [message = chat] = good.texts
        outcomes.note(`${name} ${ending(() => call(engine, message))}`)
      }),
      runs(suite === 'base' ? 350 : 80),
    )
    expect(outcomes.count('result')).toBeGreaterThan(0)
    if (suite === 'base')
      for (const seen of [
        'view state-damaged',
        'view result',
        'open result',
        'open state-damaged',
        'commit state-damaged',
      ])
        expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  },
)

test('a refusal of bytes from outside changes no row, and the chat goes on', () => {
  const [a, b] = [device('a'), device('b')]
  groupOf(chat, 'hybrid', a, b)
  const made = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(device('c'), 'hybrid')] })
  a.engine.clearPending(chat)
  const text = a.engine.encrypt(chat, bytes('id'), bytes('still here'))
  const samples = [made.commit, made.welcome ?? text, made.groupInfo, text, keyPackage(a, 'hybrid')]
  const outcomes = new Outcomes()
  const own = [made.groupInfo, keyPackage(a, 'hybrid'), made.welcome ?? text, made.groupInfo, text]
  const tried = fc
    .nat(4)
    .chain((how) => fc.tuple(fc.constant(how), fc.oneof(spoilt([own[how] ?? text]), spoilt(samples))))
  b.rows.commit(b.engine)
  fc.assert(
    fc.property(tried, ([how, message]) => {
      const outcome = ending(() => {
        if (how === 0) return b.engine.inspectGroupInfo(message)
        if (how === 1) return b.engine.inspectKeyPackage(message)
        if (how === 2) return b.engine.stageWelcome(message)
        if (how === 3) return b.engine.joinExternal(message, bytes(''))
        return b.engine.open(chat, message)
      })
      outcomes.note(`${how} ${outcome}`)
      const changes = b.engine.takeChanges()
      if (outcome !== 'result') expect(changes).toEqual([])
      b.engine.reloadAll()
    }),
    runs(400),
  )
  for (const seen of ['0 result', '0 malformed', '1 result', '3 result', '4 result', '4 bad-signature'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  const opened = b.engine.open(chat, text)
  expect(opened.kind === 'application' && plain(opened.plaintext)).toBe('still here')
})
