import { expect, test } from 'vitest'
import { testAccount, testDevice } from '../../test/account.ts'
import { decodeState, encodeState } from './state-blob.ts'

test('a replayed log comes back as it was', async () => {
  const mara = await testAccount()
  const laptop = testDevice('desktop')
  await mara.extend({ kind: 'add', identity: laptop.identity, manageClaim: true }, undefined, laptop)
  const recovery = { signKey: new Uint8Array(32).fill(3), sealKey: new Uint8Array(1216).fill(4) }
  await mara.extend({ kind: 'set-recovery', recovery })
  await mara.extend({ kind: 'remove', device: laptop.identity.device })
  expect(decodeState(encodeState(mara.state))).toEqual(mara.state)
})

test('what is cut short, or of another version, is not read', async () => {
  const { state } = await testAccount()
  const bytes = encodeState(state)
  expect(decodeState(bytes.slice(0, -1))).toBeUndefined()
  expect(decodeState(new Uint8Array())).toBeUndefined()
  expect(decodeState(new TextEncoder().encode(new TextDecoder().decode(bytes).replace('[2,', '[1,')))).toBeUndefined()
  expect(
    decodeState(new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"phone"', '"fridge"'))),
  ).toBeUndefined()
})
