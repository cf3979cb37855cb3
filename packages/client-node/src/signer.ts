import { createPrivateKey, sign } from 'node:crypto'
import type { MakeSigner } from '@quintet/client'

/** What stands before the 32 bytes of an Ed25519 secret in PKCS #8 (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** OpenSSL's Ed25519: a tenth of a millisecond from the first signature on. */
export const nodeSigner: MakeSigner = (secret) => {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, secret]), format: 'der', type: 'pkcs8' })
  return (message) => Promise.resolve(new Uint8Array(sign(undefined, message, key)))
}
