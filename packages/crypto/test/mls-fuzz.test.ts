import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MlsError } from '@quintet/crypto'
import { runs } from '../../../scripts/fuzz/runs.ts'
import { bytes, type Device, device, emptyPlan, groupOf, keyPackage, reading } from './mls-device.ts'

const chat = bytes('chat-1')

/** Every place where bytes from outside come in. */
const parsers: Readonly<Record<string, (at: Device, data: Uint8Array) => unknown>> = {
  open: (at, data) => at.engine.open(chat, data),
  stageWelcome: (at, data) => at.engine.stageWelcome(data),
  welcomeRefs: (at, data) => at.engine.welcomeRefs(data),
  joinExternal: (at, data) => at.engine.joinExternal(data, bytes('')),
  inspectGroupInfo: (at, data) => at.engine.inspectGroupInfo(data),
  inspectKeyPackage: (at, data) => at.engine.inspectKeyPackage(data),
  commit: (at, data) => at.engine.commit(chat, { ...emptyPlan, addKeyPackages: [data] }),
}

/** Well-formed messages of every kind, to be spoilt in one place or cut. */
function messages(a: Device, b: Device): readonly Uint8Array[] {
  const made = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(b, 'base')] })
  a.engine.clearPending(chat)
  const text = a.engine.encrypt(chat, bytes(''), bytes('x'))
  return [made.commit, made.welcome ?? text, made.groupInfo, keyPackage(device('c'), 'base'), text]
}

describe('bytes from anyone', () => {
  const [a, b, guest] = [device('a'), device('b'), device('guest')]
  groupOf(chat, 'base', a, b)
  const samples = messages(a, guest)
  const seen = samples.map((sample) => [...sample])
  const spoilt = fc
    .tuple(fc.constantFrom(...seen), fc.nat(), fc.nat(255), fc.nat(), fc.boolean())
    .map(([sample, at, value, length, cut]) => {
      const data = Uint8Array.from(sample)
      data[at % data.length] = value
      return cut ? data.slice(0, length % data.length) : data
    })
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // The head of an MLSMessage, then anything.
    fc
      .tuple(fc.nat(6), fc.uint8Array({ maxLength: 300 }))
      .map(([format, rest]) => Uint8Array.from([0, 1, 0, format, ...rest])),
    spoilt,
  )

  test.each(Object.entries(parsers))('%s answers with a result or a typed refusal, never with a trap', (_, parse) => {
    fc.assert(
      fc.property(anything, (data) => {
        try {
          parse(b, data)
          b.engine.clearPending(chat)
        } catch (error) {
          if (!(error instanceof MlsError)) throw error
          expect(error.message).not.toContain('trapped')
          expect(error.code).not.toBe('state-damaged')
        }
      }),
      runs(300),
    )
  })

  test('and after all that the chat goes on', () => {
    b.engine.reloadAll()
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('still here')))).toBe('still here')
  })
})
