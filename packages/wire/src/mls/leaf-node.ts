import { type Credential, parseCredential } from '@quintet/domain'
import type { TlsReader } from './tls-reader.ts'

/** The public face of one device in a group (RFC 9420 7.2). */
export interface LeafNode {
  readonly credential: Credential
  readonly signatureKey: Uint8Array
  /** Unix seconds; of a key package's leaf only. */
  readonly lifetime: { readonly notBefore: bigint; readonly notAfter: bigint } | undefined
}

export interface Extension {
  readonly type: number
  readonly data: Uint8Array
}

/** The type of the group context extension `quintet.policy` (C1). */
export const policyExtension = 0xf0a1

/** The policy's body among a group context's extensions. */
export function policyIn(extensions: readonly Extension[]): Uint8Array | undefined {
  return extensions.find(({ type }) => type === policyExtension)?.data
}

const basicCredential = 1

export function readExtension(reader: TlsReader): Extension {
  return { type: reader.u16(), data: reader.opaque() }
}

export function readLeafNode(reader: TlsReader): LeafNode {
  reader.opaque() // encryption_key
  const signatureKey = reader.opaque()
  if (reader.u16() !== basicCredential) reader.fail('credential of another type')
  const credential = parseCredential(reader.opaque()) ?? reader.fail('credential of another shape')
  // Capabilities: versions, suites, extensions, proposals, credentials.
  for (let list = 0; list < 5; list++) reader.vector((each) => each.u16())
  const lifetime = readSource(reader)
  reader.vector(readExtension)
  reader.opaque() // signature
  return { credential, signatureKey, lifetime }
}

function readSource(reader: TlsReader): LeafNode['lifetime'] {
  switch (reader.u8()) {
    case 1:
      return { notBefore: reader.u64(), notAfter: reader.u64() }
    case 2:
      return undefined
    case 3:
      reader.opaque() // parent_hash
      return undefined
  }
  return reader.fail('leaf of unknown source')
}
