import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { nodeSigner } from './signer.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

test.each([
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
])('signs as RFC 8032 says (7.1): %s', async (secret, message, signature) => {
  expect(await nodeSigner(bytes(secret))(bytes(message))).toEqual(bytes(signature))
})

test('what is no secret of Ed25519 signs nothing', () => {
  expect(() => nodeSigner(new Uint8Array(31))).toThrow()
})
