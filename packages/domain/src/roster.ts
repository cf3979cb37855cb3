import { asciiBytes, concatBytes } from './bytes.ts'
import { type AccountId, bytesOf, type DeviceId } from './id.ts'

/** How many bytes of the digest are told. */
export const rosterDigestBytes = 16

/**
 * What is hashed, with SHA-256, so that relay and members can compare who is in a chat (R2): the devices in the order of
 * their leaves, at one epoch.
 */
export function rosterBytes(
  epoch: bigint,
  devices: readonly { readonly account: AccountId; readonly device: DeviceId }[],
): Uint8Array {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setBigUint64(0, epoch)
  const names = devices.flatMap(({ account, device }) => [bytesOf(account), bytesOf(device)])
  return concatBytes(asciiBytes('quintet/roster/v1'), number, ...names)
}
