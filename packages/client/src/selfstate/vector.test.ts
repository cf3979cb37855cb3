import { hexOf } from '@quintet/domain'
import { SelfOpSchema, toBinary } from '@quintet/wire'
import { expect, test } from 'vitest'
import { createDatabase } from '../../test/database.ts'
import { alice, alicePhone, bob } from '../../test/people.ts'
import { digest } from './digest.ts'
import { localOp } from './local.ts'
import { opHash } from './op.ts'
import { wordsValue } from './value.ts'

// Changing these bytes cuts every account's chain of ops: a decision, written down.
test('an op, its hash and the digest of a state have the bytes that siblings of other versions expect', () => {
  const db = createDatabase()
  const me = { account: alice, device: alicePhone }
  const first = localOp(db, me, 'profile/name', wordsValue('Alice'))
  const second = localOp(db, me, `blocked/${bob}`, undefined)
  expect(hexOf(toBinary(SelfOpSchema, first))).toMatchInlineSnapshot(
    `"0a0c70726f66696c652f6e616d651205416c69636520012a1000000000000000000000000000000a113001"`,
  )
  expect(hexOf(opHash(first))).toMatchInlineSnapshot(
    `"7323e1d07d65f12a2f3323ef7dc7e1877b6b3f150190d9c3b8ddcd0ca7b71e7b"`,
  )
  expect(hexOf(second.previous)).toBe(hexOf(opHash(first)))
  expect(hexOf(digest(db))).toMatchInlineSnapshot(`"aa48da6412f67f973b8d332e58effee8f4d36467d925dbb8fd87f6969920fd2f"`)
})
