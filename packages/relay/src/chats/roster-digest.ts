import { rosterBytes, rosterDigestBytes } from '@quintet/domain'
import type { RelayRuntime } from '../ports/runtime.ts'
import type { LiveChat } from './live-chat.ts'

/** Whom this relay delivers to, for members to compare with their tree (R2). Reckoned once per epoch. */
export function rosterDigest(
  runtime: Pick<RelayRuntime, 'sha256'>,
  chat: LiveChat,
): { readonly epoch: bigint; readonly digest: Uint8Array } {
  const epoch = BigInt(chat.epoch)
  if (chat.rosterDigest?.epoch !== epoch) {
    const devices = chat.leaves.filter((member) => member !== undefined)
    const digest = runtime.sha256(rosterBytes(epoch, devices)).slice(0, rosterDigestBytes)
    chat.rosterDigest = { epoch, digest }
  }
  return chat.rosterDigest
}
