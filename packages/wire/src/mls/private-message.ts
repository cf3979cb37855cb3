import { expectMessage, wireFormats } from './key-package.ts'
import { TlsReader } from './tls-reader.ts'

/** What stands outside the seal of an application message (RFC 9420 6.3). */
export interface PrivateMessageView {
  readonly group: Uint8Array
  readonly epoch: bigint
}

/** Reads the outside of an application message; throws MlsFormatError on anything else, sealed handshakes included (C4). */
export function readPrivateMessage(bytes: Uint8Array): PrivateMessageView {
  const reader = new TlsReader(bytes)
  expectMessage(reader, wireFormats.privateMessage)
  const group = reader.opaque()
  const epoch = reader.u64()
  if (reader.u8() !== 1) reader.fail('no application message')
  reader.opaque() // authenticated_data
  reader.opaque() // encrypted_sender_data
  reader.opaque() // ciphertext
  reader.end()
  return { group, epoch }
}
