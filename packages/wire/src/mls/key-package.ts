import { type LeafNode, readExtension, readLeafNode } from './leaf-node.ts'
import { TlsReader } from './tls-reader.ts'

/** What a key package says of its owner (RFC 9420 10). Its signature is left to the devices that use it. */
export interface KeyPackageView {
  readonly suite: number
  readonly leaf: LeafNode
}

export const wireFormats = { publicMessage: 1, privateMessage: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const
const mls10 = 1

/** Reads MLSMessage's version and wire format, which must be the one named. */
export function expectMessage(reader: TlsReader, format: number): void {
  if (reader.u16() !== mls10) reader.fail('protocol of another version')
  if (reader.u16() !== format) reader.fail('message of another kind')
}

export function readKeyPackageBody(reader: TlsReader): KeyPackageView {
  if (reader.u16() !== mls10) reader.fail('protocol of another version')
  const suite = reader.u16()
  reader.opaque() // init_key
  const leaf = readLeafNode(reader)
  reader.vector(readExtension)
  reader.opaque() // signature
  return { suite, leaf }
}

/** Bare, or as an MLSMessage. Throws MlsFormatError. */
export function readKeyPackage(bytes: Uint8Array): KeyPackageView {
  const reader = new TlsReader(bytes)
  if (bytes[2] === 0 && bytes[3] === wireFormats.keyPackage) expectMessage(reader, wireFormats.keyPackage)
  const view = readKeyPackageBody(reader)
  reader.end()
  return view
}
