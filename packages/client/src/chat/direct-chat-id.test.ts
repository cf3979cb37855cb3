import { createHash } from 'node:crypto'
import { bytesOf } from '@quintet/domain'
import { expect, test } from 'vitest'
import { alice, bob, carol } from '../../test/people.ts'
import { directChatId } from './direct-chat-id.ts'

test('two people have one chat, whoever of them names it, and each successor of it another', () => {
  expect(directChatId(alice, bob)).toBe(directChatId(bob, alice))
  const ids = [
    directChatId(alice, bob),
    directChatId(alice, carol),
    directChatId(alice, bob, 1),
    directChatId(bob, alice, 2),
  ]
  expect(new Set(ids).size).toBe(4)
})

test('it is the digest that C2 names', () => {
  const parts = ['quintet/direct/v1', ...[alice, bob].sort().map(bytesOf), new Uint8Array([0, 0, 1, 2])]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  expect(directChatId(bob, alice, 0x102)).toBe(`c_${hash.digest('hex')}`)
})
