import { expectMessage, wireFormats } from './key-package.ts'
import { type Extension, readExtension } from './leaf-node.ts'
import { TlsReader } from './tls-reader.ts'

/** What a GroupInfo says of its group (RFC 9420 12.4.3); its signature is left to those who join by it. */
export interface GroupInfoView {
  readonly suite: number
  readonly group: Uint8Array
  readonly epoch: bigint
  readonly extensions: readonly Extension[]
}

/** Throws MlsFormatError. */
export function readGroupInfo(bytes: Uint8Array): GroupInfoView {
  const reader = new TlsReader(bytes)
  expectMessage(reader, wireFormats.groupInfo)
  if (reader.u16() !== 1) reader.fail('protocol of another version')
  const suite = reader.u16()
  const group = reader.opaque()
  const epoch = reader.u64()
  reader.opaque() // tree_hash
  reader.opaque() // confirmed_transcript_hash
  const extensions = reader.vector(readExtension)
  reader.vector(readExtension) // ratchet_tree, external_pub
  reader.opaque() // confirmation_tag
  reader.u32() // signer
  reader.opaque() // signature
  reader.end()
  return { suite, group, epoch, extensions }
}

/** Throws MlsFormatError unless the bytes begin as a Welcome of that suite. */
export function checkWelcome(bytes: Uint8Array, suite: number): void {
  const reader = new TlsReader(bytes)
  expectMessage(reader, wireFormats.welcome)
  if (reader.u16() !== suite) reader.fail('welcome of another suite')
}
