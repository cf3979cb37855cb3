import { asciiBytes, concatBytes } from '@quintet/domain'
import { encodeStatement } from '@quintet/identity'
import { create, SignedStatementSchema, StatementSchema, toBinary } from '@quintet/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fieldsChanged } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { assert } from '../../test/assert.ts'
import { createTestDevice, type TestClientDevice } from '../../test/device.ts'
import { loadTestEngine } from '../../test/engine.ts'
import { createTestClock, createTestRelay } from '../../test/relay.ts'
import { stateOf } from './directory.ts'
import { signUp } from './sign-up.ts'
import { signerOf } from './keyring.ts'
import { keepStatements } from './statement-store.ts'

let ada: TestClientDevice

beforeAll(async () => {
  const clock = createTestClock()
  const relay = await createTestRelay({ clock })
  ada = createTestDevice(relay, clock, loadTestEngine)
  await signUp(ada.core, ada.hooks, { handle: 'ada' })
})
afterAll(() => ada.link.end())

const versions = { appVersion: '1.0.0', protocolMin: 1, protocolMax: 1, features: ['a'], suites: ['base'] } as const

/** Signed by the device itself, as a malicious contact signs what it likes. */
async function signed(statement: Uint8Array) {
  const message = concatBytes(asciiBytes('quintet/statement/v1\0'), statement)
  return create(SignedStatementSchema, { statement, signature: await signerOf(ada.core, 'log')(message) })
}
function kept() {
  const { device } = ada.core.mustOwn()
  return ada.db.get('select counter, length(signed) as bytes from statement where device = ?', device)
}

test('a contact that counts to the end of numbers, or says megabytes of itself, keeps nobody from the logs', async () => {
  const { account, device } = ada.core.mustOwn()
  const state = assert(stateOf(ada.core, account))
  const before = kept()
  const far = encodeStatement({ account, device, counter: 2n ** 64n - 1n, ...versions })
  const long = encodeStatement({ account, device, counter: 9n, ...versions, appVersion: 'x'.repeat(1_000_000) })
  for (const statement of [far, long]) {
    const one = await signed(statement)
    ada.core.write(() => keepStatements(ada.core, state, [one]))
    expect(kept()).toEqual(before)
  }
})

test('whatever a device states of itself, it is kept whole or dropped, and the highest count stays', async () => {
  const { account, device } = ada.core.mustOwn()
  const state = assert(stateOf(ada.core, account))
  const good = toBinary(
    StatementSchema,
    create(StatementSchema, {
      ...versions,
      account: state.devices.size > 0 ? concatBytes(Buffer.from(account.slice(2), 'hex')) : new Uint8Array(),
      device: Buffer.from(device.slice(2), 'hex'),
      counter: 12n,
      features: ['a'],
      suites: [1],
    }),
  )
  const outcomes = new Outcomes()
  await fc.assert(
    fc.asyncProperty(fieldsChanged([good]), async (statement) => {
      const one = await signed(statement)
      const before = kept()
      ada.core.write(() => keepStatements(ada.core, state, [one]))
      const after = kept()
      outcomes.note(before?.['counter'] === after?.['counter'] ? 'dropped' : 'kept')
      expect(Number(after?.['counter'])).toBeGreaterThanOrEqual(Number(before?.['counter']))
      expect(Number(after?.['bytes'])).toBeLessThan(8192)
    }),
    runs(250),
  )
  expect(outcomes.names).toEqual(['dropped', 'kept'])
})
