import { readFileSync } from 'node:fs'
import { bytesOfHex } from '@quintet/domain'
import { expect, test } from 'vitest'
import { verifySignature } from './signature.ts'

interface Vector {
  readonly name: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const path = new URL('../../../protocol/vectors/signatures.json', import.meta.url)
const { cases }: { readonly cases: readonly Vector[] } = JSON.parse(readFileSync(path, 'utf8'))

test.each(cases)('$name: every device says the same of it', ({ key, message, signature, valid }) => {
  expect(verifySignature(bytesOfHex(key), bytesOfHex(message), bytesOfHex(signature))).toBe(valid)
})
