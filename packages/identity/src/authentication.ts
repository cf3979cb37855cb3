import { type AccountId, asciiBytes, bytesOf, concatBytes, type DeviceId } from '@quintet/domain'
import { type VerifyFn, verifySignature } from './signature.ts'

/** What a connecting device answers to: the relay's greeting, and who it says it is. */
export interface AuthChallenge {
  readonly incarnation: Uint8Array
  readonly challenge: Uint8Array
  readonly account: AccountId
  readonly device: DeviceId
}

/** The bytes that a device signs with its authKey to be let in. */
export function authMessage({ incarnation, challenge, account, device }: AuthChallenge): Uint8Array {
  return concatBytes(asciiBytes('quintet/auth/v1\0'), incarnation, challenge, bytesOf(account), bytesOf(device))
}

/** True iff `authKey` signed the challenge. That the device is active is for the caller to know. */
export function verifyAuth(
  authKey: Uint8Array,
  challenge: AuthChallenge,
  signature: Uint8Array,
  verify: VerifyFn = verifySignature,
): boolean {
  return verify(authKey, authMessage(challenge), signature)
}
